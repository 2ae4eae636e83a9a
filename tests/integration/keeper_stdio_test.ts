import assert from "node:assert/strict";
import { EngineError } from "../../base/errors.ts";
import type { Stdio } from "../../runtime/container_spec.ts";
import { closeProcessEnds, closeStdio, makeStdio, ownStreams } from "../../runtime/stdio.ts";
import { S, stat } from "../../sys/attributes.ts";
import { deviceNumber, makeNode } from "../../sys/directory.ts";
import type { Fd } from "../../sys/fd.ts";
import { pipe, read, writeAll } from "../../sys/file.ts";
import { fileSystem, FS_MAGIC } from "../../sys/file_system.ts";
import { tryRead } from "../../sys/nonblocking.ts";
import { O, open } from "../../sys/open.ts";
import { pipeSize } from "../../sys/splice.ts";
import { setWindowSize, slaveNumber, windowSize } from "../../sys/terminal.ts";
import { requires } from "../support/requires.ts";

pipe().reader.close(); // loads the C library before the first test looks for what it leaves open

const root = (name: string) => ({ name, ...requires({ root: true }, name) });
const link = (fd: Fd) => Deno.readLinkSync(`/proc/self/fd/${fd.number}`);
const flags = (fd: Fd) =>
  parseInt(/flags:\s*(\d+)/.exec(Deno.readTextFileSync(`/proc/self/fdinfo/${fd.number}`))?.[1] ?? "", 8);
const count = () => [...Deno.readDirSync("/proc/self/fd")].length;

function master({ engine: { stdin } }: Stdio): Fd {
  assert.ok(stdin);
  return stdin;
}

Deno.test("makeStdio() gives a process that nobody writes to /dev/null, and keeps stdout and stderr apart", () => {
  const stdio = makeStdio({ terminal: false, stdin: false });
  assert.equal(stdio.engine.stdin, undefined);
  assert.equal(link(stdio.process.stdin), "/dev/null");
  assert.notEqual(link(stdio.process.stdout), link(stdio.process.stderr));
  assert.equal(stdio.engine.stdout && link(stdio.engine.stdout), link(stdio.process.stdout));
  assert.equal(stdio.engine.stderr && link(stdio.engine.stderr), link(stdio.process.stderr));
  closeStdio(stdio);
});

Deno.test("makeStdio() makes only the engine's ends nonblocking, and all of them close-on-exec", () => {
  const stdio = makeStdio({ terminal: false, stdin: true });
  const { stdin, stdout, stderr } = stdio.process;
  for (const fd of [stdin, stdout, stderr]) assert.equal(flags(fd) & (O.NONBLOCK | O.CLOEXEC), O.CLOEXEC);
  for (const fd of [stdio.engine.stdin, stdio.engine.stdout, stdio.engine.stderr]) {
    assert.ok(fd && (flags(fd) & O.NONBLOCK) !== 0 && (flags(fd) & O.CLOEXEC) !== 0);
  }
  closeStdio(stdio);
});

Deno.test({
  ...root("makeStdio() has room for a megabyte in stdout and stderr"),
  fn: () => {
    const stdio = makeStdio({ terminal: false, stdin: false });
    assert.equal(pipeSize(stdio.process.stdout), 1 << 20);
    assert.equal(pipeSize(stdio.process.stderr), 1 << 20);
    closeStdio(stdio);
  },
});

Deno.test("closeStdio() leaves nothing open, also after closeProcessEnds()", () => {
  const before = count();
  const stdio = makeStdio({ terminal: false, stdin: true });
  closeProcessEnds(stdio);
  assert.equal(tryRead(stdio.engine.stdout ?? stdio.process.stdout, new Uint8Array(1)), 0);
  closeStdio(stdio);
  assert.equal(count(), before);
});

Deno.test({
  ...root("makeStdio() gives a new container the first terminal of a devpts that is mounted nowhere"),
  fn: () => {
    const before = count();
    const mounts = Deno.readTextFileSync("/proc/self/mountinfo");
    const stdio = makeStdio({ terminal: true, stdin: true, devpts: "new", size: { rows: 50, columns: 132 } });
    assert.ok(stdio.devpts);
    assert.equal(fileSystem(stdio.devpts).magic, FS_MAGIC.DEVPTS);
    assert.equal(slaveNumber(master(stdio)), 0);
    assert.deepEqual(windowSize(stdio.process.stdout), { rows: 50, columns: 132 });
    const { mode, gid } = stat(stdio.process.stdin);
    assert.equal(mode, S.IFCHR | 0o620);
    assert.equal(gid, 5);
    assert.equal(stat(stdio.devpts, "ptmx").mode, S.IFCHR | 0o666);
    assert.equal(Deno.readTextFileSync("/proc/self/mountinfo"), mounts);
    closeStdio(stdio);
    assert.equal(count(), before);
  },
});

Deno.test({
  ...root("each new container has its own devpts: both have number 0, and are two"),
  fn: () => {
    const one = makeStdio({ terminal: true, stdin: true });
    const two = makeStdio({ terminal: true, stdin: true });
    assert.equal(slaveNumber(master(two)), 0);
    assert.notEqual(stat(one.process.stdin).device, stat(two.process.stdin).device);
    closeStdio(one);
    closeStdio(two);
  },
});

Deno.test({
  ...root("a terminal carries both ways, and makes lines as terminals do"),
  fn: () => {
    const stdio = makeStdio({ terminal: true, stdin: true });
    const buffer = new Uint8Array(100);
    const text = (length: number | undefined) => new TextDecoder().decode(buffer.subarray(0, length));
    assert.equal(tryRead(master(stdio), buffer), undefined);
    writeAll(stdio.process.stdout, new TextEncoder().encode("out\n"));
    assert.equal(text(tryRead(master(stdio), buffer)), "out\r\n");
    writeAll(master(stdio), new TextEncoder().encode("in\r"));
    assert.equal(text(read(stdio.process.stdin, buffer)), "in\n");
    assert.equal(text(tryRead(master(stdio), buffer)), "in\r\n"); // the echo
    setWindowSize(master(stdio), { rows: 7, columns: 8 });
    assert.deepEqual(windowSize(stdio.process.stdin), { rows: 7, columns: 8 });
    closeStdio(stdio);
  },
});

Deno.test({
  ...root("ownStreams() gives a terminal, or the pipes without /dev/null, to the process's user"),
  fn: () => {
    const terminal = makeStdio({ terminal: true, stdin: true, owner: 1234 });
    assert.deepEqual([stat(terminal.process.stdin).uid, stat(terminal.process.stdin).gid], [1234, 5]);
    closeStdio(terminal);
    const pipes = makeStdio({ terminal: false, stdin: false });
    ownStreams(pipes, 1234);
    assert.equal(stat(pipes.process.stdout).uid, 1234);
    assert.equal(stat(pipes.process.stderr).uid, 1234);
    assert.equal(stat(pipes.process.stdin).uid, 0);
    closeStdio(pipes);
  },
});

const hostHasDevpts = () => {
  try {
    using ptmx = open("/dev/pts/ptmx", O.PATH);
    return fileSystem(ptmx).magic === FS_MAGIC.DEVPTS ? undefined : "needs a devpts at /dev/pts";
  } catch {
    return "needs a devpts at /dev/pts";
  }
};

const exec = "makeStdio() opens a further terminal in the devpts of a running container";
Deno.test({
  name: exec,
  ...requires({ root: true, unless: hostHasDevpts() }, exec),
  fn: () => {
    using root = open("/", O.PATH); // the host, in the container's place
    const stdio = makeStdio({ terminal: true, stdin: true, devpts: { root }, size: { rows: 3, columns: 4 } });
    assert.equal(stdio.devpts, undefined);
    assert.equal(link(stdio.process.stdin), `/dev/pts/${slaveNumber(master(stdio))}`);
    closeStdio(stdio);
  },
});

const traps: readonly { name: string; make: (folder: string) => void }[] = [
  { name: "a file", make: (folder) => Deno.writeTextFileSync(`${folder}/ptmx`, "") },
  {
    name: "a symlink to the host's",
    make: (folder) => Deno.symlinkSync("../../../../../dev/pts/ptmx", `${folder}/ptmx`),
  },
  {
    name: "another device",
    make: (folder) => {
      using at = open(folder, O.PATH);
      makeNode(at, "ptmx", S.IFCHR | 0o666, deviceNumber(1, 3));
    },
  },
  {
    name: "the right device that is not of a devpts",
    make: (folder) => {
      using at = open(folder, O.PATH);
      makeNode(at, "ptmx", S.IFCHR | 0o666, deviceNumber(5, 2));
    },
  },
];
for (const { name, make } of traps) {
  Deno.test({
    ...root(`makeStdio() opens no terminal where a container has put ${name} at /dev/pts/ptmx`),
    fn: async () => {
      const folder = await Deno.makeTempDir({ prefix: "sauropod-devpts-" });
      await Deno.mkdir(`${folder}/dev/pts`, { recursive: true });
      make(`${folder}/dev/pts`);
      const before = count();
      {
        using root = open(folder, O.PATH);
        assert.throws(
          () => makeStdio({ terminal: true, stdin: true, devpts: { root } }),
          (error) => error instanceof EngineError && error.class === "conflict",
        );
      }
      assert.equal(count(), before);
      await Deno.remove(folder, { recursive: true });
    },
  });
}
