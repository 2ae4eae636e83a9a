import { internal } from "../base/errors.ts";
import { Fd } from "../sys/fd.ts";
import { pipe, read, writeKernelFile } from "../sys/file.ts";
import { CLONE } from "../sys/namespace.ts";
import { O, open } from "../sys/open.ts";
import { thisMachine } from "./start/machine.ts";
import { noteChild, reapLater } from "./reaper.ts";
import { spawnProgram } from "./spawn_program.ts";
import * as call from "./tape/call.ts";
import { toElf } from "./tape/elf.ts";
import { Tape } from "./tape/tape.ts";

/** Lines of a map (user_namespaces(7)): from which id within, to which outside, how many. */
export type IdMap = readonly (readonly [within: number, outside: number, count: number])[];

/** (uid_t) -1 is no id. */
const LAST = 2 ** 32 - 2;

/** What the program has open: where it says that it is ready, and what tells it to end. */
const READY = 3, END = 4;

/** The map that takes `one` for `other`, the other way round, and every other id for itself. */
export function swapped(one: number, other: number): IdMap {
  if (one === other) return [[0, 0, LAST + 1]];
  const [low, high] = one < other ? [one, other] : [other, one];
  const lines: (readonly [number, number, number])[] = [
    [0, 0, low],
    [low, high, 1],
    [low + 1, low + 1, high - low - 1],
    [high, low, 1],
    [high + 1, high + 1, LAST - high],
  ];
  return lines.filter(([, , count]) => count > 0);
}

/**
 * A user namespace with these maps, as a descriptor: for mounts that show the owners of files otherwise. A process of
 * several threads cannot make one (unshare(2), EINVAL), so a program does that is gone when this returns.
 */
export function userNamespace(users: IdMap, groups: IdMap): Fd {
  const tape = new Tape(thisMachine().arch);
  tape.add("unshare the user namespace", call.unshare(CLONE.NEWUSER), "whoever needs it opens it by our /proc");
  tape.add("say that it is there", call.write(READY, "x", 1), "the maps can be written from now on");
  tape.add("wait for the end", call.read(END, "x", 0), "end of file: the other side has been closed");
  tape.add("leave", call.exitGroup(0), "the namespace lives on by its descriptor");
  const ready = pipe(), end = pipe();
  using readyReader = ready.reader;
  using _endWriter = end.writer;
  const pid = spawn(tape, ready.writer, end.reader);
  try {
    if (read(readyReader, new Uint8Array(1)) === 0) throw internal("no user namespace can be made on this machine");
    const text = (map: IdMap) => map.map((line) => line.join(" ")).join("\n");
    writeKernelFile(`/proc/${pid}/uid_map`, text(users));
    writeKernelFile(`/proc/${pid}/gid_map`, text(groups));
    return open(`/proc/${pid}/ns/user`, O.RDONLY);
  } finally {
    reapLater(pid);
  }
}

function spawn(tape: Tape, ready: Fd, end: Fd): number {
  using _ready = ready;
  using _end = end;
  const descriptors = [{ fd: ready.number, target: READY }, { fd: end.number, target: END }];
  const pid = spawnProgram(toElf(tape), "user-namespace", descriptors);
  noteChild(pid);
  return pid;
}
