import assert from "node:assert/strict";
import { spawnProgram } from "../../runtime/spawn_program.ts";
import { F_SETFD, markEach } from "../../sys/close_on_exec.ts";
import { duplicate, type Fd } from "../../sys/fd.ts";
import { pipe, read, readWhole, writeAll } from "../../sys/file.ts";
import { libc } from "../../sys/libc.ts";
import { memfd, sealMemfd } from "../../sys/memfd.ts";
import { O, open } from "../../sys/open.ts";
import { kill, waitNoHang } from "../../sys/process.ts";
import { type PassedDescriptor, spawn } from "../../sys/spawn.ts";
import { isErrno } from "../../sys/syscall_error.ts";
import { findCommand } from "../support/machine.ts";
import { requires } from "../support/requires.ts";

async function ended(pid: number) {
  for (;;) {
    const status = waitNoHang(pid);
    if (status !== undefined) return status;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

function keepOnExec(fd: Fd): void {
  libc().fcntl(fd.number, F_SETFD, 0n);
  assert.equal(closesOnExec(fd), false);
}

function closesOnExec(fd: Fd): boolean {
  const info = Deno.readTextFileSync(`/proc/self/fdinfo/${fd.number}`);
  return (parseInt(/flags:\s*(\d+)/.exec(info)?.[1] ?? "0", 8) & O.CLOEXEC) !== 0;
}

/** What the program prints on 1. */
async function printed(path: string, args: readonly string[], more: readonly PassedDescriptor[] = []): Promise<string> {
  const { reader, writer } = pipe();
  using output = reader;
  const pid = spawn(path, args, ["PATH=/usr/bin:/bin", "GREETING=hello"], [{ fd: writer.number, target: 1 }, ...more]);
  writer.close();
  const text = new TextDecoder().decode(readWhole(output));
  assert.deepEqual(await ended(pid), { code: 0 });
  return text;
}

Deno.test("spawn() passes arguments and environment", async () => {
  assert.equal(await printed("/bin/sh", ["sh", "-c", 'echo "$GREETING $0 $1"', "a b", ""]), "hello a b \n");
});

Deno.test("spawn() leaves the program no descriptor but those it is given", async () => {
  // One that Deno has not made close-on-exec: what a shell leaves to the engine.
  using leaked = open("/dev/zero", O.RDONLY);
  keepOnExec(leaked);
  const [input, output] = [pipe(), pipe()];
  using opened = new DisposableStack();
  for (const fd of [input.reader, input.writer, output.reader, output.writer]) opened.use(fd);
  const given = [input.reader, output.writer, output.writer].map((fd, target) => ({ fd: fd.number, target }));
  given.push({ fd: output.writer.number, target: 7 });
  const pid = spawn("/bin/sh", ["sh", "-c", "echo; read forever"], ["PATH=/usr/bin:/bin"], given);
  // spawn() comes back in the midst of execve, before that closes descriptors: so it is asked when it has got further.
  assert.equal(read(output.reader, new Uint8Array(1)), 1);
  const numbers = [...Deno.readDirSync(`/proc/${pid}/fd`)].map(({ name }) => Number(name)).sort((a, b) => a - b);
  kill(pid, 9);
  assert.deepEqual(await ended(pid), { signal: 9 });
  assert.deepEqual(numbers, [0, 1, 2, 7]);
});

Deno.test("spawn() can swap descriptors", async () => {
  const [one, two] = [memfd("one"), memfd("two")];
  using a = duplicate(one, 20);
  using b = duplicate(two, a.number + 1);
  one.close();
  two.close();
  const given = [{ fd: a.number, target: b.number }, { fd: b.number, target: a.number }];
  const links = await printed(
    "/bin/sh",
    ["sh", "-c", `readlink /proc/$$/fd/${a.number} /proc/$$/fd/${b.number}`],
    given,
  );
  assert.deepEqual(links.trim().split("\n"), ["/memfd:two (deleted)", "/memfd:one (deleted)"]);
});

Deno.test("spawn() begins with all signals blocked and none ignored", async () => {
  const cat = findCommand("cat") ?? "cat";
  const status = await printed(cat, ["cat", "/proc/self/status"]);
  const mask = (name: string) => BigInt(`0x${new RegExp(`^${name}:\\s*(\\w+)$`, "m").exec(status)?.[1]}`);
  const unblockable = (1n << 8n) | (1n << 18n); // SIGKILL, SIGSTOP
  const ofTheThreadsLibrary = (1n << 31n) | (1n << 32n); // 32 and 33, which glibc never blocks
  const all = 2n ** 64n - 1n;
  assert.equal(mask("SigBlk") | unblockable | ofTheThreadsLibrary, all);
  assert.equal(mask("SigIgn"), 0n);
});

Deno.test("spawn() names the program that is not there", () => {
  assert.throws(() => spawn("/no/such", ["x"], [], []), {
    message: "posix_spawn /no/such: ENOENT, no such file or directory",
  });
});

Deno.test("spawn() leaves no descriptor behind in this process", () => {
  const count = () => [...Deno.readDirSync("/proc/self/fd")].length;
  const before = count();
  for (let i = 0; i < 10; i++) {
    assert.throws(() => spawn("/no/such", ["x"], [], [{ fd: 2, target: 1 }, { fd: 1, target: 2 }]));
  }
  assert.equal(count(), before);
});

Deno.test("markEach() does what close_range() does where the kernel is older", () => {
  using fd = open("/dev/null", O.RDONLY);
  keepOnExec(fd);
  markEach(3);
  assert.ok(closesOnExec(fd));
});

Deno.test("sealMemfd() makes a file that nobody can change", () => {
  using fd = memfd("sealed", { sealable: true });
  writeAll(fd, new Uint8Array([1]));
  sealMemfd(fd);
  assert.throws(() => writeAll(fd, new Uint8Array([2])), (error) => isErrno(error, "EPERM"));
});

const busybox = findCommand("busybox");
Deno.test({
  name: "spawnProgram() runs a program out of memory, whatever descriptors it gets",
  ...requires({ command: "busybox" }, "spawnProgram() runs a program out of memory, whatever descriptors it gets"),
  fn: async () => {
    const elf = await Deno.readFile(busybox ?? "");
    const { reader, writer } = pipe();
    using output = reader;
    const targets = Array.from({ length: 60 }, (_, target) => ({ fd: writer.number, target }));
    const pid = spawnProgram(elf, "echo", targets); // busybox without words of its own prints a newline
    writer.close();
    assert.equal(new TextDecoder().decode(readWhole(output)), "\n");
    assert.deepEqual(await ended(pid), { code: 0 });
  },
});
