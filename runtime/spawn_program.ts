import type { Bytes } from "../base/container_engine.ts";
import { duplicate } from "../sys/fd.ts";
import { writeAll } from "../sys/file.ts";
import { memfd, sealMemfd } from "../sys/memfd.ts";
import { type PassedDescriptor, spawn } from "../sys/spawn.ts";

/**
 * Starts a program that lies in memory and returns its pid. The file is sealed: nobody who gets hold of it, by
 * /proc/PID/exe or otherwise, can change what the next one runs (CVE-2019-5736).
 */
export function spawnProgram(elf: Bytes, name: string, descriptors: readonly PassedDescriptor[]): number {
  using written = memfd(name, { sealable: true });
  writeAll(written, elf);
  sealMemfd(written);
  // Above every target, so that the number still means this file when the child looks it up.
  using program = duplicate(written, Math.max(2, ...descriptors.map(({ target }) => target)) + 1);
  return spawn(`/proc/self/fd/${program.number}`, [name], [], descriptors);
}
