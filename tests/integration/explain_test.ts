/** The list that `--explain` prints, held against what strace sees when the same tape is replayed. */
import assert from "node:assert/strict";
import type { TapeListing, TapeListingEntry } from "../../base/container_engine.ts";
import { renderTape } from "../../base/explain.ts";
import { KEEPER_FD } from "../../runtime/keeper_layout.ts";
import { containerTape, type StartTape } from "../../runtime/start/container_tape.ts";
import { closeStdio, makeStdio } from "../../runtime/stdio.ts";
import { toElf } from "../../runtime/tape/elf.ts";
import { listing } from "../../runtime/tape/listing.ts";
import { Fd } from "../../sys/fd.ts";
import { pipe } from "../../sys/file.ts";
import { O, open } from "../../sys/open.ts";
import { kill, waitNoHang } from "../../sys/process.ts";
import { spawn } from "../../sys/spawn.ts";
import { findCommand } from "../support/machine.ts";
import { requires } from "../support/requires.ts";
import { Place, plainSpec } from "../support/started.ts";

interface TracedCall {
  readonly call: string;
  readonly args: readonly bigint[];
  /** Absent for a call that does not return. */
  readonly result?: bigint;
}

/** Calls per process, in their order, from the output of `strace -f -e raw=all`. */
function parseTrace(text: string): Map<string, TracedCall[]> {
  const calls = new Map<string, TracedCall[]>();
  const open = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [, pid = "", rest = ""] = /^(\d+)\s+(.*)$/.exec(line) ?? [];
    if (rest.endsWith("<unfinished ...>")) {
      open.set(pid, rest.replace(/\s*<unfinished \.\.\.>$/, ""));
      continue;
    }
    const whole = rest.replace(/^<\.\.\. \w+ resumed>\s*/, () => open.get(pid) ?? "");
    const [, call, args = "", result] = /^(\w+)\((.*?)\)?\s+= (\?|-?[0-9a-fx]+)/.exec(whole) ?? [];
    if (call === undefined) continue;
    const traced = {
      call,
      args: args.split(", ").filter((arg) => /^0x|^\d/.test(arg)).map(BigInt),
      ...(result !== undefined && result !== "?" && { result: result === "-1" ? -1n : BigInt(result) }),
    };
    calls.set(pid, [...calls.get(pid) ?? [], traced]);
  }
  return calls;
}

/** Follows the list along the results that the kernel gave, and compares each call. Returns how many there were. */
function follow(list: TapeListing, first: number, traced: readonly TracedCall[]): number {
  let index: number | undefined = first;
  for (const { call, args, result } of traced) {
    const entry: TapeListingEntry | undefined = list.entries[index ?? -1];
    assert.ok(entry, `${call} comes after the end`);
    assert.equal(call, entry.call, `entry ${entry.index}: ${entry.label}`);
    entry.raw.slice(0, args.length).forEach((raw, i) => {
      if (raw === null) return;
      assert.equal(
        BigInt.asUintN(64, args[i] ?? -1n),
        BigInt(raw),
        `argument ${i + 1} of ${entry.index}: ${entry.label}`,
      );
    });
    if (result === undefined || call === "execve") break;
    index = result < 0n ? entry.onError : result === 0n ? entry.onZero ?? entry.index + 1 : entry.index + 1;
  }
  return traced.length;
}

async function trace({ tape, descriptors }: StartTape, folder: string): Promise<Map<string, TracedCall[]>> {
  Deno.writeFileSync(`${folder}/program`, toElf(tape), { mode: 0o755 });
  using nothing = open("/dev/null", O.RDWR);
  using record = open(`${folder}/record`, O.WRONLY | O.CREAT, { mode: 0o600 });
  const report = pipe(), ended = pipe();
  const passed: [Fd, number][] = [
    [nothing, 0],
    [nothing, 1],
    [nothing, 2],
    [report.writer, KEEPER_FD.report],
    [record, KEEPER_FD.record],
    [ended.reader, KEEPER_FD.ended_reader],
    [ended.writer, KEEPER_FD.ended_writer],
    ...descriptors.map(({ fd, target }): [Fd, number] => [fd, target]),
  ];
  const strace = findCommand("strace") ?? "";
  const args = ["strace", "-f", "-e", "raw=all", "-e", "signal=none", "-o", `${folder}/trace`, `${folder}/program`];
  const pid = spawn(strace, args, [], passed.map(([fd, target]) => ({ fd: fd.number, target })));
  for (const fd of [report.reader, report.writer, ended.reader, ended.writer]) fd.close();
  // The keeper stays until it is killed; by then the record is whole.
  for (let i = 0; i < 500 && Deno.statSync(`${folder}/record`).size < 32; i++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const text = Deno.readTextFileSync(`${folder}/trace`);
  const keeper = Number(/^(\d+)/.exec(text)?.[1]);
  kill(keeper, 9);
  while (waitNoHang(pid) === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
  return parseTrace(Deno.readTextFileSync(`${folder}/trace`));
}

Deno.test({
  name: "the kernel gets exactly the calls of the list, in its order, with its arguments",
  ...requires({ root: true, command: ["busybox", "strace"], kernel: "5.12" }),
  async fn() {
    using place = new Place();
    const spec = await plainSpec(place, {
      sysctls: { "net/ipv4/ip_forward": "1" },
      mounts: [{ kind: "bind", source: place.folder, target: "/m", directory: true, readonly: true, recursive: true }],
      process: { user: { uid: 5, gid: 6, groups: [6] }, cwd: "/made/for/it" },
    });
    const stdio = makeStdio({ terminal: false, stdin: false });
    try {
      // Only the process's ends are passed on here, and so none of the keeper's are there.
      const start = containerTape(spec, { ...stdio, engine: {} });
      const list = listing(start.tape);
      const traced = [...await trace(start, place.folder)].map(([, calls]) => calls);
      const [keeper = [], process = []] = traced;
      assert.equal(keeper[0]?.call, "execve");
      follow(list, 0, keeper.slice(1));
      const child = list.entries.find(({ call }) => call === "clone")?.onZero ?? -1;
      const exec = process.findIndex(({ call, result }) => call === "execve" && result === 0n);
      assert.ok(exec > 100, `${exec} calls until execve`);
      follow(list, child, process.slice(0, exec + 1));
      const text = renderTape(list);
      assert.match(
        text,
        /mount\("tmpfs", "\/dev", "tmpfs", MS_NOSUID\|MS_STRICTATIME, "mode=755,size=65536k"\) +# mount tmpfs/,
      );
    } finally {
      closeStdio(stdio);
    }
  },
});
