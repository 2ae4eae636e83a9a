import assert from "node:assert/strict";
import { pipe, readWhole, writeAll } from "../../sys/file.ts";
import { fileSystem, FS_MAGIC } from "../../sys/file_system.ts";
import { newNamespace, ownNamespace, withinNamespace } from "../../sys/namespace.ts";
import { setNonblocking, tryRead, tryWrite } from "../../sys/nonblocking.ts";
import { O, open } from "../../sys/open.ts";
import { pidfdGetFd, pidfdOpen, pidfdSendSignal } from "../../sys/pidfd.ts";
import { pipeSize, readable, setPipeSize, splice, tee } from "../../sys/splice.ts";
import { isErrno } from "../../sys/syscall_error.ts";
import { requires } from "../support/requires.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const root = (name: string) => ({ name, ...requires({ root: true }, name) });

Deno.test("tee() leaves in the pipe what splice() then takes out", () => {
  const [from, to] = [pipe(), pipe()];
  using opened = new DisposableStack();
  for (const fd of [from.reader, from.writer, to.reader, to.writer]) opened.use(fd);
  writeAll(from.writer, bytes("hello"));
  assert.equal(tee(from.reader, to.writer, 100), 5);
  assert.equal(readable(from.reader), 5);
  assert.equal(splice(from.reader, to.writer, 2), 2);
  assert.throws(() => {
    while (splice(from.reader, to.writer, 100) > 0);
  }, (error) => isErrno(error, "EAGAIN"));
  to.writer.close();
  assert.equal(new TextDecoder().decode(readWhole(to.reader)), "hellohello");
  from.writer.close();
  assert.equal(splice(from.reader, to.reader, 0), 0);
});

Deno.test("setPipeSize() makes room", () => {
  const { reader, writer } = pipe();
  using _r = reader;
  using _w = writer;
  assert.equal(setPipeSize(writer, 1 << 17), 1 << 17);
  assert.equal(pipeSize(reader), 1 << 17);
});

Deno.test("tryRead() and tryWrite() tell empty and full apart from the end", () => {
  const { reader, writer } = pipe();
  using _r = reader;
  using _w = writer;
  setNonblocking(reader);
  setNonblocking(writer);
  const buffer = new Uint8Array(1 << 16);
  assert.equal(tryRead(reader, buffer), undefined);
  assert.equal(tryWrite(writer, buffer), buffer.length);
  assert.equal(tryWrite(writer, buffer), undefined);
  assert.equal(tryRead(reader, buffer), buffer.length);
  writer.close();
  assert.equal(tryRead(reader, buffer), 0);
});

Deno.test("pidfdGetFd() fetches a descriptor of another process, and names the one that it does not have", async () => {
  const child = new Deno.Command("sleep", { args: ["60"], stdin: "piped", stdout: "null" }).spawn();
  using pidfd = pidfdOpen(child.pid);
  using stdout = pidfdGetFd(pidfd, 1);
  assert.equal(Deno.readLinkSync(`/proc/self/fd/${stdout.number}`), "/dev/null");
  assert.throws(() => pidfdGetFd(pidfd, 999), (error) => isErrno(error, "EBADF"));
  pidfdSendSignal(pidfd, 15);
  await child.stdin.close();
  assert.equal((await child.status).signal, "SIGTERM");
  assert.throws(() => pidfdSendSignal(pidfd, 15), (error) => isErrno(error, "ESRCH"));
});

Deno.test("fileSystem() knows procfs", () => {
  using fd = open("/proc", O.PATH);
  assert.equal(fileSystem(fd).magic, FS_MAGIC.PROC);
});

Deno.test("fileSystem() agrees with stat -f about what is free", async () => {
  using fd = open("/tmp", O.PATH);
  const command = new Deno.Command("stat", { args: ["-f", "-c", "%S %b", "/tmp"] });
  const [size = 0, blocks = 0] = new TextDecoder().decode((await command.output()).stdout).trim().split(" ").map(
    Number,
  );
  const { totalBytes, freeBytes } = fileSystem(fd);
  assert.equal(totalBytes, size * blocks);
  assert.ok(freeBytes > 0 && freeBytes <= totalBytes);
});

const inode = (kind: string) => Deno.readLinkSync(`/proc/thread-self/ns/${kind}`);

Deno.test({
  ...root("withinNamespace() is elsewhere for the time of the call, and back after a failure too"),
  fn: () => {
    const home = inode("net");
    using namespace = newNamespace("net");
    assert.equal(inode("net"), home);
    const there = withinNamespace("net", namespace, () => inode("net"));
    assert.notEqual(there, home);
    assert.equal(Deno.readLinkSync(`/proc/self/fd/${namespace.number}`), there);
    assert.throws(() => withinNamespace("net", namespace, () => assert.fail("inside")), { message: "inside" });
    assert.throws(() => withinNamespace("net", namespace, () => Promise.resolve()), /not synchronous/);
    assert.equal(inode("net"), home);
  },
});

Deno.test({
  ...root("withinNamespace() opens a socket that stays in its namespace"),
  fn: async () => {
    using namespace = newNamespace("net");
    const text = withinNamespace("net", namespace, () => Deno.readTextFileSync("/proc/thread-self/net/dev"));
    assert.deepEqual(text.trim().split("\n").slice(2).map((line) => line.trim().split(":")[0]), ["lo"]);
    const listener = withinNamespace("net", namespace, () => Deno.listen({ hostname: "0.0.0.0", port: 0 }));
    const { port } = listener.addr;
    await assert.rejects(Deno.connect({ hostname: "127.0.0.1", port }), Deno.errors.ConnectionRefused);
    listener.close();
  },
});

Deno.test({
  ...root("ownNamespace() is the way home"),
  fn: () => {
    using home = ownNamespace("uts");
    assert.equal(Deno.readLinkSync(`/proc/self/fd/${home.number}`), inode("uts"));
  },
});
