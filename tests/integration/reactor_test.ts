import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { Reactor } from "../../runtime/reactor.ts";
import type { Fd } from "../../sys/fd.ts";
import { eventfd, pipe, write, writeAll } from "../../sys/file.ts";
import { setNonblocking, tryRead, tryWrite } from "../../sys/nonblocking.ts";
import { O, open } from "../../sys/open.ts";
import { pidfdOpen } from "../../sys/pidfd.ts";
import { waitNoHang } from "../../sys/process.ts";
import { spawn } from "../../sys/spawn.ts";
import { setPipeSize } from "../../sys/splice.ts";
import { isErrno } from "../../sys/syscall_error.ts";

eventfd().close(); // loads the C library before the first test looks for what it leaves open

const ONE_BYTE = new Uint8Array([1]);
const fail = (error: unknown) => assert.fail(`onError: ${error}`);
const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

function nonblockingPipe(): { reader: Fd; writer: Fd } & Disposable {
  const { reader, writer } = pipe();
  setNonblocking(reader);
  setNonblocking(writer);
  return {
    reader,
    writer,
    [Symbol.dispose]: () => {
      reader.close();
      writer.close();
    },
  };
}

/** Resolves on the first call of `call`. */
function once(): { called: Promise<void>; call: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { called: promise, call: resolve };
}

Deno.test("a watch is called for data and for the end of it", async () => {
  await using reactor = new Reactor({ onError: fail });
  using ends = nonblockingPipe();
  const buffer = new Uint8Array(100);
  const seen: (number | undefined)[] = [];
  const { called, call } = once();
  using watch = reactor.watch(ends.reader, {
    read: () => {
      const n = tryRead(ends.reader, buffer);
      seen.push(n);
      if (n === 0) {
        watch[Symbol.dispose]();
        call();
      } else ends.writer.close();
    },
  });
  writeAll(ends.writer, ONE_BYTE);
  await called;
  assert.deepEqual(seen, [1, 0]);
});

Deno.test("a watch made while the wait is going on takes effect, and so does its end", async () => {
  await using reactor = new Reactor({ onError: fail });
  using quiet = nonblockingPipe();
  using loud = nonblockingPipe();
  using _keepsWaiting = reactor.watch(quiet.reader, { read: () => assert.fail("nothing was written") });
  await pause(10);
  const { called, call } = once();
  const watch = reactor.watch(loud.reader, { read: call });
  writeAll(loud.writer, ONE_BYTE);
  await called;
  watch[Symbol.dispose]();
});

Deno.test("the wait ends with the last watch and begins again with the next", async () => {
  await using reactor = new Reactor({ onError: fail });
  for (let round = 0; round < 3; round++) {
    using ends = nonblockingPipe();
    const { called, call } = once();
    using _watch = reactor.watch(ends.reader, { read: call });
    writeAll(ends.writer, ONE_BYTE);
    await called;
  }
});

Deno.test("a paused interest sleeps while the other one is called; what is ready stays ready", async () => {
  await using reactor = new Reactor({ onError: fail });
  using ends = nonblockingPipe();
  const calls: string[] = [];
  let next = once();
  using watch = reactor.watch(ends.reader, {
    read: () => {
      calls.push("read");
      watch.pause();
      next.call();
    },
  });
  watch.pause("read");
  writeAll(ends.writer, ONE_BYTE);
  await pause(20);
  assert.deepEqual(calls, []);
  watch.resume("read");
  await next.called;
  assert.deepEqual(calls, ["read"]);
  next = once();
  watch.resume();
  await next.called;
  assert.deepEqual(calls, ["read", "read"]); // nobody read the byte: it is told again
});

Deno.test("a flow without an end leaves time for everything else", async () => {
  await using reactor = new Reactor({ onError: fail });
  using ends = nonblockingPipe();
  const buffer = new Uint8Array(1);
  let passed = 0;
  using _watch = reactor.watch(ends.reader, {
    read: () => {
      tryRead(ends.reader, buffer);
      tryWrite(ends.writer, ONE_BYTE);
      reactor.flows();
      passed++;
    },
  });
  tryWrite(ends.writer, ONE_BYTE);
  for (let i = 0; i < 20; i++) await pause(1);
  assert.ok(passed > 20, `${passed} turns`);
});

Deno.test("a hang-up is not told again and again to a watch that is paused", async () => {
  await using reactor = new Reactor({ onError: fail });
  using ends = nonblockingPipe();
  let calls = 0;
  using watch = reactor.watch(ends.reader, {
    read: () => {
      calls++;
      watch.pause();
    },
  });
  ends.writer.close();
  await pause(20);
  assert.equal(calls, 1);
});

Deno.test("a writer is called when there is room again", async () => {
  await using reactor = new Reactor({ onError: fail });
  using ends = nonblockingPipe();
  const chunk = new Uint8Array(1 << 16);
  while (tryWrite(ends.writer, chunk) !== undefined);
  const { called, call } = once();
  using _watch = reactor.watch(ends.writer, { write: call });
  await pause(5);
  tryRead(ends.reader, chunk);
  await called;
});

Deno.test("a writer is called when nobody reads any more, and finds EPIPE", async () => {
  await using reactor = new Reactor({ onError: fail });
  using ends = nonblockingPipe();
  const chunk = new Uint8Array(1 << 16);
  while (tryWrite(ends.writer, chunk) !== undefined);
  const hungUp = once(), told = once();
  using watch = reactor.watch(ends.writer, {
    write: () => {
      assert.throws(() => write(ends.writer, chunk), (error) => isErrno(error, "EPIPE"));
      watch.pause("write");
      told.call();
    },
    hangup: () => {
      watch.pause("hangup");
      hungUp.call();
    },
  });
  ends.reader.close();
  await Promise.all([told.called, hungUp.called]);
});

Deno.test("two watches share a descriptor, and one may end", async () => {
  await using reactor = new Reactor({ onError: fail });
  using ends = nonblockingPipe();
  const first = once(), second = once();
  const one = reactor.watch(ends.reader, { read: first.call });
  using two = reactor.watch(ends.reader, {
    read: () => {
      two.pause();
      second.call();
    },
  });
  writeAll(ends.writer, ONE_BYTE);
  await Promise.all([first.called, second.called]);
  one[Symbol.dispose]();
  const again = once();
  using _three = reactor.watch(ends.reader, { read: again.call });
  await again.called;
});

Deno.test("a callback that throws is reported, and harms nobody else", async () => {
  const errors: unknown[] = [];
  await using reactor = new Reactor({ onError: (error) => errors.push(error) });
  using bad = nonblockingPipe();
  using good = nonblockingPipe();
  using badWatch = reactor.watch(bad.reader, {
    read: () => {
      badWatch.pause();
      throw new TypeError("a bug");
    },
  });
  const { called, call } = once();
  using _goodWatch = reactor.watch(good.reader, { read: call });
  writeAll(bad.writer, ONE_BYTE);
  await pause(10);
  writeAll(good.writer, ONE_BYTE);
  await called;
  assert.deepEqual(errors, [new TypeError("a bug")]);
});

Deno.test("a watch that another callback ends in the same turn is not called any more", async () => {
  await using reactor = new Reactor({ onError: fail });
  using a = nonblockingPipe();
  using b = nonblockingPipe();
  writeAll(a.writer, ONE_BYTE);
  writeAll(b.writer, ONE_BYTE);
  let calls = 0;
  const end = () => {
    calls++;
    one[Symbol.dispose]();
    two[Symbol.dispose]();
  };
  using one = reactor.watch(a.reader, { read: end });
  using two = reactor.watch(b.reader, { read: end });
  await pause(20);
  assert.equal(calls, 1);
});

Deno.test("a number that is used again is watched for its new file only", async () => {
  await using reactor = new Reactor({ onError: fail });
  using kept = nonblockingPipe();
  const first = pipe();
  const number = first.reader.number;
  reactor.watch(first.reader, { read: () => assert.fail("closed") });
  first.reader.close(); // against the rule: the watch still lives
  first.writer.close();
  using second = nonblockingPipe();
  assert.ok([second.reader.number, second.writer.number].includes(number));
  const { called, call } = once();
  using _watch = reactor.watch(second.reader, { read: call });
  using _other = reactor.watch(kept.reader, { read: () => assert.fail("nothing was written") });
  writeAll(second.writer, ONE_BYTE);
  await called;
});

Deno.test("a plain file cannot be watched", async () => {
  await using reactor = new Reactor({ onError: fail });
  const path = await Deno.makeTempFile();
  using fd = open(path, O.RDONLY);
  assert.throws(() => reactor.watch(fd, { read: () => {} }), (error) => isErrno(error, "EPERM"));
  await Deno.remove(path);
});

Deno.test("the ends of a hundred processes are all told", async () => {
  await using reactor = new Reactor({ onError: fail });
  const ended = new Set<number>();
  const { called, call } = once();
  const children = Array.from({ length: 100 }, () => new Deno.Command("true", { stdin: "null" }).spawn());
  using pidfds = new DisposableStack();
  const watch = (pid: number) => {
    const pidfd = pidfds.use(pidfdOpen(pid));
    const watch = reactor.watch(pidfd, {
      read: () => {
        watch[Symbol.dispose]();
        ended.add(pid);
        if (ended.size === children.length) call();
      },
    });
  };
  // In one block with their start: Deno reaps them between turns of the event loop, and then they have no pidfd.
  for (const { pid } of children) watch(pid);
  await called;
  await Promise.all(children.map(({ status }) => status));
  assert.equal(ended.size, 100);
});

Deno.test("more descriptors than one turn has room for are all served", async () => {
  await using reactor = new Reactor({ onError: fail });
  using stack = new DisposableStack();
  let calls = 0;
  const { called, call } = once();
  for (let i = 0; i < 400; i++) {
    const ends = stack.use(nonblockingPipe());
    writeAll(ends.writer, ONE_BYTE);
    const watch = reactor.watch(ends.reader, {
      read: () => {
        watch[Symbol.dispose]();
        if (++calls === 400) call();
      },
    });
  }
  await called;
});

Deno.test("after its end nothing is called and nothing can be watched", async () => {
  const reactor = new Reactor({ onError: fail });
  using ends = nonblockingPipe();
  using _watch = reactor.watch(ends.reader, { read: () => assert.fail("it has ended") });
  await pause(5);
  const end = reactor[Symbol.asyncDispose]();
  writeAll(ends.writer, ONE_BYTE);
  await end;
  assert.throws(() => reactor.watch(ends.reader, {}), /disposed/);
});

Deno.test("the reactor keeps no process alive when nothing is watched", async () => {
  const module = new URL("../../runtime/reactor.ts", import.meta.url).href;
  const files = new URL("../../sys/file.ts", import.meta.url).href;
  const program = `
    import { Reactor } from ${JSON.stringify(module)};
    import { pipe } from ${JSON.stringify(files)};
    const reactor = new Reactor({ onError: console.error });
    const watch = reactor.watch(pipe().reader, { read: () => {} });
    setTimeout(() => watch[Symbol.dispose](), 20);
    setTimeout(() => console.log("not held up"), 40);`;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--quiet", "--no-check", program],
    signal: AbortSignal.timeout(20_000),
  });
  const { code, stdout, stderr } = await child.output();
  assert.equal(new TextDecoder().decode(stderr), "");
  assert.equal(new TextDecoder().decode(stdout), "not held up\n");
  assert.equal(code, 0);
});

Deno.test("nothing of a large stream is lost or mixed up", async () => {
  await using reactor = new Reactor({ onError: fail });
  const { reader, writer } = pipe();
  using from = reader;
  setPipeSize(reader, 1 << 20);
  setNonblocking(reader);
  const pid = spawn("/bin/sh", ["sh", "-c", "exec seq 1 1000000"], ["PATH=/usr/bin:/bin"], [
    { fd: writer.number, target: 1 },
  ]);
  writer.close();
  const hash = createHash("sha256"), buffer = new Uint8Array(1 << 20);
  const { called, call } = once();
  const watch = reactor.watch(from, {
    read: () => {
      const n = tryRead(from, buffer);
      if (n) hash.update(buffer.subarray(0, n));
      if (n !== 0) return;
      watch[Symbol.dispose]();
      call();
    },
  });
  await called;
  while (waitNoHang(pid) === undefined) await pause(1);
  const whole = Array.from({ length: 1_000_000 }, (_, i) => `${i + 1}\n`).join("");
  assert.equal(hash.digest("hex"), createHash("sha256").update(whole).digest("hex"));
});
