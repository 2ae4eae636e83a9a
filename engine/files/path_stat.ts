import { GO_MODE, type PathStat } from "../../base/docker/archive.ts";
import { fromNanoseconds } from "../../base/timestamps.ts";
import { type FileKind, kindOf, type Stat } from "../../sys/attributes.ts";
import type { Fd } from "../../sys/fd.ts";
import { type AskedPath, findPath, followed } from "./resolve.ts";

/** What lies at a path, in Docker's words. @throws `not_found` */
export function pathStat(root: Fd, asked: AskedPath, of: string): PathStat {
  using found = findPath(root, asked, of);
  const { size, modified } = found.stat;
  const isLink = kindOf(found.stat) === "symlink";
  return {
    name: asked.name || "/",
    size,
    mode: goMode(found.stat),
    mtime: fromNanoseconds(modified < 0n ? 0n : modified > LATEST ? LATEST : modified),
    linkTarget: isLink ? followed(root, asked.path) : "",
  };
}

/** Clients read no year of more than four digits; a file says what its owner likes. */
const LATEST = 253_402_300_799_000_000_000n;

const KIND_BITS: Readonly<Record<FileKind, readonly (keyof typeof GO_MODE)[]>> = {
  file: [],
  directory: ["directory"],
  symlink: ["symlink"],
  fifo: ["namedPipe"],
  socket: ["socket"],
  block: ["device"],
  character: ["device", "characterDevice"],
};

/** A mode as Go has it. */
function goMode(found: Stat): number {
  const kind = kindOf(found);
  const special = ([[0o4000, "setuid"], [0o2000, "setgid"], [0o1000, "sticky"]] as const)
    .flatMap(([bit, name]) => (found.mode & bit) !== 0 ? [name] : []);
  const bits = [...kind === undefined ? [] : KIND_BITS[kind], ...special];
  return bits.reduce((sum, bit) => sum + GO_MODE[bit], found.mode & 0o777);
}
