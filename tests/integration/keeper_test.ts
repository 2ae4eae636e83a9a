/** The handle on a keeper, with a shell in the keeper's place: it holds the same descriptors and obeys the same signals. */
import assert from "node:assert/strict";
import { findKeepers, Keeper } from "../../runtime/keeper.ts";
import { KEEPER_FD } from "../../runtime/keeper_layout.ts";
import { processStat } from "../../runtime/process_table.ts";
import { Reactor } from "../../runtime/reactor.ts";
import { closeProcessEnds, closeStdio, makeStdio } from "../../runtime/stdio.ts";
import { type Fd } from "../../sys/fd.ts";
import { pipe, read, writeAll } from "../../sys/file.ts";
import { tryRead } from "../../sys/nonblocking.ts";
import { O, open } from "../../sys/open.ts";
import { kill } from "../../sys/process.ts";
import { spawn } from "../../sys/spawn.ts";
import { isErrno } from "../../sys/syscall_error.ts";
import { findCommand } from "../support/machine.ts";
import { requires } from "../support/requires.ts";

const fail = (error: unknown) => assert.fail(`onError: ${error}`);
const SIGUSR2 = 12, SIGKILL = 9;

/** A shell that waits for signals: USR1 closes its end of stdin, USR2 says that the record is complete. */
const STAND_IN = `
  trap 'exec ${KEEPER_FD.stdin}>&-' USR1
  trap 'exec ${KEEPER_FD.ended_writer}>&-' USR2
  echo >&${KEEPER_FD.report}
  while :; do read forever; done`;

/** A shell leaves the mask of signals as it finds it, and that blocks all. */
const UNBLOCK = "sigprocmask(SIG_SETMASK, POSIX::SigSet->new()); exec @ARGV";
const perl = findCommand("perl") ?? "perl";
const test = (name: string, fn: () => void | Promise<void>) =>
  Deno.test({ name, ...requires({ command: "perl" }, name), fn });

interface StandIn extends Disposable {
  readonly keeper: Keeper;
  readonly pid: number;
}

/** Starts a stand-in that holds `held` beside what every keeper has; disposing of it kills and reaps it. */
function standIn(held: Readonly<Record<number, Fd | undefined>> = {}, script = STAND_IN): StandIn {
  using opened = new DisposableStack();
  const [report, ended, silence] = [pipe(), pipe(), pipe()];
  for (const ends of [report, ended, silence]) {
    opened.use(ends.reader);
    opened.use(ends.writer);
  }
  const nothing = opened.use(open("/dev/null", O.RDWR));
  const descriptors = Object.entries({
    0: silence.reader,
    1: nothing,
    2: nothing,
    [KEEPER_FD.report]: report.writer,
    [KEEPER_FD.ended_reader]: ended.reader,
    [KEEPER_FD.ended_writer]: ended.writer,
    [KEEPER_FD.first_of_process]: silence.writer, // so that its stdin never ends
    ...held,
  }).flatMap(([target, fd]) => fd === undefined ? [] : { fd: fd.number, target: Number(target) });
  const pid = spawn(perl, ["perl", "-MPOSIX", "-e", UNBLOCK, "sh", "-c", script], ["PATH=/usr/bin:/bin"], descriptors);
  const keeper = Keeper.of(pid);
  assert.equal(read(report.reader, new Uint8Array(1)), 1); // its traps are set
  return {
    keeper,
    pid,
    [Symbol.dispose]: () => {
      if (processStat(pid)?.parent !== Deno.pid) return; // killed and reaped in the test
      keeper.kill();
      keeper[Symbol.dispose]();
    },
  };
}

/** Waits until a pid is no process any more; one that is not our child may be a zombie for as long as init likes. */
async function vanished(pid: number): Promise<void> {
  const isThere = () => {
    const found = processStat(pid);
    return found !== undefined && (found.state !== "Z" || found.parent === Deno.pid);
  };
  for (let tries = 0; isThere(); tries++) {
    assert.ok(tries < 2000, `process ${pid} is still there: ${processStat(pid)?.state}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

test("adopt() finds the keeper that was noted down, and nobody else under its pid", async () => {
  const running = standIn();
  const { identity } = running.keeper;
  assert.equal(identity.pid, running.pid);
  using found = Keeper.adopt(identity);
  assert.deepEqual(found?.identity, identity);
  assert.equal(Keeper.adopt({ ...identity, startTime: "1" }), undefined);
  assert.equal(Keeper.adopt({ ...identity, pid: Deno.pid }), undefined);
  assert.equal(Keeper.adopt({ ...identity, pid: 2 ** 22 + 1 }), undefined);
  running[Symbol.dispose]();
  await vanished(running.pid);
  assert.equal(Keeper.adopt(identity), undefined);
});

test("adopt() finds no keeper that has ended and is not reaped yet", async () => {
  const pid = spawn("/bin/true", ["true"], [], []);
  using keeper = Keeper.of(pid);
  while (processStat(pid)?.state !== "Z") await new Promise((resolve) => setTimeout(resolve, 1));
  assert.equal(Keeper.adopt(keeper.identity), undefined);
  keeper[Symbol.dispose]();
  await vanished(pid);
});

test("fetchStdio() gives another engine the same streams", () => {
  const stdio = makeStdio({ terminal: false, stdin: true });
  const { stdin, stdout, stderr } = stdio.engine;
  using running = standIn({
    [KEEPER_FD.stdin]: stdin,
    [KEEPER_FD.stdout]: stdout,
    [KEEPER_FD.stderr]: stderr,
  });
  for (const fd of [stdin, stdout, stderr]) fd?.close(); // the engine dies
  const next = running.keeper.fetchStdio(false);
  writeAll(stdio.process.stdout, new Uint8Array([1]));
  writeAll(stdio.process.stderr, new Uint8Array([2, 2]));
  const buffer = new Uint8Array(10);
  assert.ok(next.stdin && next.stdout && next.stderr);
  assert.equal(tryRead(next.stdout, buffer), 1);
  assert.equal(tryRead(next.stdout, buffer), undefined, "it is nonblocking still");
  assert.equal(tryRead(next.stderr, buffer), 2);
  writeAll(next.stdin, new Uint8Array([3, 3, 3]));
  assert.equal(read(stdio.process.stdin, buffer), 3);
  closeStdio({ ...stdio, engine: next });
});

test("fetchStdio() does without a stdin that there never was", () => {
  const stdio = makeStdio({ terminal: false, stdin: false });
  using running = standIn({ [KEEPER_FD.stdout]: stdio.engine.stdout, [KEEPER_FD.stderr]: stdio.engine.stderr });
  const next = running.keeper.fetchStdio(false);
  assert.deepEqual(Object.keys(next), ["stdout", "stderr"]);
  closeStdio({ ...stdio, engine: next });
  closeStdio(stdio);
});

test("closeStdin() lets the process read end-of-file once the engine has closed its own end", () => {
  const stdio = makeStdio({ terminal: false, stdin: true });
  using running = standIn({ [KEEPER_FD.stdin]: stdio.engine.stdin });
  stdio.engine.stdin?.close();
  running.keeper.closeStdin();
  assert.equal(read(stdio.process.stdin, new Uint8Array(1)), 0);
  closeStdio(stdio);
});

test("ended() resolves when the record is complete, though the keeper stays", async () => {
  await using reactor = new Reactor({ onError: fail });
  using running = standIn();
  let isEnded = false;
  const ended = running.keeper.ended(reactor).then(() => isEnded = true);
  await new Promise((resolve) => setTimeout(resolve, 10));
  assert.equal(isEnded, false);
  kill(running.pid, SIGUSR2);
  await ended;
  assert.equal(processStat(running.pid)?.parent, Deno.pid);
});

test("ended() and gone() resolve when the keeper is killed, and leave no zombie", async () => {
  await using reactor = new Reactor({ onError: fail });
  using running = standIn();
  const both = Promise.all([running.keeper.ended(reactor), running.keeper.gone(reactor)]);
  kill(running.pid, SIGKILL);
  await both;
  assert.equal(processStat(running.pid), undefined);
  await running.keeper.ended(reactor);
  assert.throws(() => running.keeper.fetch(KEEPER_FD.record), (error) => isErrno(error, "ESRCH"));
  running.keeper.closeStdin();
  running.keeper.kill();
});

test("gone() resolves when the handle is given up", async () => {
  await using reactor = new Reactor({ onError: fail });
  using running = standIn();
  const gone = running.keeper.gone(reactor);
  running.keeper[Symbol.dispose]();
  await gone;
  kill(running.pid, SIGKILL);
  await vanished(running.pid);
});

test("kill() leaves no zombie, though nobody waits", async () => {
  const running = standIn();
  running[Symbol.dispose]();
  await vanished(running.pid);
});

test("findKeepers() finds by its record the keeper that nobody noted down, and killWithProcess() its process too", async () => {
  const path = await Deno.makeTempFile({ prefix: "sauropod-record-" });
  using record = open(path, O.RDWR);
  // The child has not got as far as to die with its parent.
  const script = `sleep 60 ${KEEPER_FD.record}>&- & ${STAND_IN}`;
  using running = standIn({ [KEEPER_FD.record]: record }, script);
  using _bystander = standIn();
  const child = Number(Deno.readTextFileSync(`/proc/${running.pid}/task/${running.pid}/children`).trim());
  assert.ok(child > 0);
  const found = findKeepers(path);
  assert.deepEqual(found.map(({ identity }) => identity), [running.keeper.identity]);
  for (const keeper of found) {
    keeper.killWithProcess();
    keeper[Symbol.dispose]();
  }
  await vanished(running.pid);
  await vanished(child);
  assert.deepEqual(findKeepers(path), []);
  await Deno.remove(path);
});

test("findKeepers() is not misled by a file of the same name", async () => {
  const path = await Deno.makeTempFile({ prefix: "sauropod-record-" });
  using record = open(path, O.RDWR);
  using _running = standIn({ [KEEPER_FD.record]: record });
  await Deno.remove(path);
  await Deno.writeTextFile(path, "");
  assert.deepEqual(findKeepers(path), []);
  await Deno.remove(path);
});

test("a process whose engine ends are closed still has a reader in the keeper", () => {
  const stdio = makeStdio({ terminal: false, stdin: false });
  using _running = standIn({ [KEEPER_FD.stdout]: stdio.engine.stdout });
  stdio.engine.stdout?.close();
  writeAll(stdio.process.stdout, new Uint8Array([1])); // no EPIPE
  closeProcessEnds(stdio);
  closeStdio(stdio);
});
