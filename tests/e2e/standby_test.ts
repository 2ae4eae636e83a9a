/** Commands that are run by a process that stood by for them, seen from outside, with a small program in the place of ours. */
import assert from "node:assert/strict";
import { SIGNALS } from "../../base/signals.ts";
import { requires } from "../support/requires.ts";
import { isAlive, until } from "../support/sandbox.ts";
import { Terminal } from "../support/terminal.ts";

const root = new URL("../../", import.meta.url).pathname;
const main = `
import { isSpent, stderr, stdin, stdout } from "${root}cli/standard_streams.ts";
import { runCommand } from "${root}standby/run_command.ts";

const commands: Record<string, (...args: string[]) => number | Promise<number>> = {
  tell(...args) {
    const { A, B, HOME } = Deno.env.toObject();
    const told = { args, cwd: Deno.cwd(), env: { A, B, HOME }, umask: Deno.umask(), pid: Deno.pid };
    stdout.print(JSON.stringify(told) + "\\n");
    return 0;
  },
  async copy() {
    for await (const data of stdin.readable) await stdout.write(data);
    stderr.print("copied\\n");
    return 3;
  },
  leave: (code) => Deno.exit(Number(code)),
  fail() {
    throw new Error("nobody has thought of this");
  },
  async wait() {
    stdout.print(Deno.pid + "\\n");
    await new Promise((resolve) => setTimeout(resolve, 30_000));
    return 0;
  },
  async catch() {
    const caught = new Promise<number>((resolve) => Deno.addSignalListener("SIGTERM", () => resolve(7)));
    stdout.print(Deno.pid + "\\n");
    return await caught;
  },
  say(text) {
    stdout.print(text);
    return 0;
  },
};
Deno.exit(await runCommand({
  run: async ([name = "", ...args]) => await commands[name]?.(...args) ?? 99,
  wantsOwnProcess: ([, word], atTerminal) => word === "alone" || (word === "lasting" && atTerminal),
  load: async () => {},
  isSpent,
}));
`;

const folder = await Deno.makeTempDir({ prefix: "standby-" });
globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
const program = `${folder}/program`;
const needs = requires(
  { root: true, command: ["sh", "tar", "gzip", "sha256sum", "unshare", "setpriv", "python3"] },
  "standing by",
);

interface Options {
  readonly env?: Record<string, string>;
  readonly cwd?: string;
  readonly stdin?: string;
  /** Words before those of the program. */
  readonly by?: readonly string[];
}

function spawn(args: readonly string[], { env = {}, cwd = "/", by = [] }: Options = {}) {
  const [command = "", ...words] = [...by, program, ...args];
  return new Deno.Command(command, {
    args: words,
    cwd,
    env: { SAUROPOD_CACHE: `${folder}/cache`, SAUROPOD_STANDBY: "5", ...env },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

async function run(args: readonly string[], options: Options = {}) {
  const child = spawn(args, options);
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(options.stdin ?? ""));
  await writer.close();
  const { code, signal, stdout, stderr } = await child.output();
  const text = new TextDecoder();
  return { code, signal, stdout: text.decode(stdout), stderr: text.decode(stderr), pid: child.pid };
}

/** What the program says of itself, and whether the process that ran it had stood by. */
async function tell(options: Options = {}, ...args: string[]) {
  const { stdout, stderr, pid } = await run(["tell", ...args], options);
  assert.equal(stderr, "");
  const { pid: by, ...told } = JSON.parse(stdout);
  return { ...told, stoodBy: by !== pid };
}

/** The same as soon as somebody stands by for it: the first commands of a program, and some after it, find nobody. */
async function toldByStandby(options: Options = {}, ...args: string[]) {
  for (let tries = 0; tries < 100; tries++) {
    const told = await tell(options, ...args);
    if (told.stoodBy) return told;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error("nobody stands by");
}

function unpacked(): string {
  const [name] = [...Deno.readDirSync(`${folder}/cache`)].map(({ name }) => name).filter((name) =>
    /^\w{32}$/.test(name)
  );
  return `${folder}/cache/${name}`;
}

/** The processes that stand by now. */
function standbys(): number[] {
  return pids().filter((pid) => words(pid).at(-1) === `${unpacked()}/main.js`);
}

const pids = () => [...Deno.readDirSync("/proc")].map(({ name }) => Number(name)).filter((pid) => pid > 0);

function words(pid: number): string[] {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/cmdline`).split("\0").slice(0, -1);
  } catch {
    return [];
  }
}

/** A command that lasts, run by somebody who stood by: the process that its user sees, and the pid that it prints. */
async function started(...args: string[]) {
  for (let tries = 0; tries < 100; tries++) {
    await toldByStandby();
    const child = spawn(args);
    const reader = child.stdout.getReader();
    const { value } = await reader.read();
    reader.releaseLock();
    const by = Number(new TextDecoder().decode(value));
    if (by !== child.pid) return { child, by };
    child.kill("SIGKILL"); // another one was just about to stand by
    await ended(child);
  }
  throw new Error("nobody stands by");
}

async function ended(child: Deno.ChildProcess) {
  await child.stdin.close();
  const { code, signal } = await child.output();
  return { code, signal };
}

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ...needs, fn });
}

test("a small program becomes a single file", async () => {
  await Deno.mkdir(`${folder}/source`);
  await Deno.writeTextFile(`${folder}/source/main.ts`, main);
  const args = ["task", "--config", `${root}deno.json`, "compile", "--self-extracting"];
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args, "--main", `${folder}/source/main.ts`, "--output", program],
    stdin: "null",
  }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
});

test("the first command starts for itself; the next is run by who stood by, as if it had", async () => {
  const options = { cwd: folder, env: { A: "a b", B: "", HOME: "/h" } };
  const first = await tell(options, "a b", "", "--x=1");
  assert.equal(first.stoodBy, false);
  const second = await toldByStandby(options, "a b", "", "--x=1");
  assert.deepEqual(second, { ...first, stoodBy: true });
  assert.deepEqual(first.env, { A: "a b", B: "", HOME: "/h" });
  await toldByStandby();
  const script = `umask 027; unset HOME; exec "$0" tell`;
  const third = await run([], { by: ["sh", "-c", script], env: { A: "2" } });
  const { umask, env, pid } = JSON.parse(third.stdout);
  assert.deepEqual([umask, env, pid !== third.pid], [0o027, { A: "2" }, true]);
});

test("its streams are the caller's, and so is the exit code", async () => {
  await toldByStandby();
  const { code, stdout, stderr } = await run(["copy"], { stdin: "in\n" });
  assert.deepEqual({ code, stdout, stderr }, { code: 3, stdout: "in\n", stderr: "copied\n" });
  await toldByStandby();
  assert.equal((await run(["leave", "42"])).code, 42);
});

test("a signal is the command's: caught there, or its end, which the caller sees", async () => {
  const catching = await started("catch");
  catching.child.kill("SIGTERM");
  assert.deepEqual(await ended(catching.child), { code: 7, signal: null });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGUSR1"] as const) {
    const { child, by } = await started("wait");
    child.kill("SIGWINCH");
    child.kill("SIGCONT");
    child.kill(signal);
    assert.deepEqual(await ended(child), { code: 128 + (SIGNALS[signal.slice(3)] ?? 0), signal });
    await until("the command has ended, too", () => !isAlive(by));
  }
});

test("when one of the two is killed the other ends, and the next command goes on", async () => {
  const first = await started("wait");
  first.child.kill("SIGKILL");
  await until("the command has ended, too", () => !isAlive(first.by));
  await ended(first.child);
  const second = await started("wait");
  Deno.kill(second.by, "SIGKILL");
  assert.deepEqual(await ended(second.child), { code: 137, signal: null });
  await toldByStandby();
  for (const pid of standbys()) Deno.kill(pid, "SIGKILL");
  assert.equal((await tell()).stoodBy, false);
});

const readOnly = [
  "unshare",
  "--mount",
  "sh",
  "-c",
  'mount --bind "$SAUROPOD_CACHE" "$SAUROPOD_CACHE" && mount -o remount,ro,bind "$SAUROPOD_CACHE" && exec "$0" "$@"',
];
const apart: readonly { name: string; options?: Options; args?: string[] }[] = [
  { name: "wants a process of its own", args: ["alone"] },
  { name: "is told that nobody shall stand by", options: { env: { SAUROPOD_STANDBY: "no" } } },
  { name: "has no stdin", options: { by: ["sh", "-c", 'exec "$0" "$@" <&-'] } },
  { name: "has no stderr", options: { by: ["sh", "-c", 'exec "$0" "$@" 2>&-'] } },
  { name: "has a cache that cannot be written", options: { by: readOnly } },
  { name: "is in another mount namespace", options: { by: ["unshare", "--mount"] } },
  { name: "is in another network namespace", options: { by: ["unshare", "--net"] } },
  { name: "has fewer capabilities", options: { by: ["setpriv", "--bounding-set", "-net_raw"] } },
  { name: "has another group", options: { by: ["setpriv", "--groups", "12345"] } },
  { name: "ignores a signal", options: { by: ["sh", "-c", 'trap "" INT; exec "$0" "$@"'] } },
  { name: "names a descriptor of its own", args: ["/dev/fd/7"] },
];
for (const { name, options, args = [] } of apart) {
  test(`who ${name} runs its command itself`, async () => {
    await toldByStandby();
    assert.equal((await tell(options, ...args)).stoodBy, false);
  });
}

test("at a terminal a command that may last has a process of its own, and Ctrl-C ends any other, too", async () => {
  const env = { SAUROPOD_CACHE: `${folder}/cache`, SAUROPOD_STANDBY: "5" };
  await toldByStandby();
  {
    await using terminal = new Terminal([program, "tell", "lasting"], { env });
    await terminal.exit();
    assert.equal(JSON.parse(terminal.screen).pid, await terminal.pid());
  }
  await toldByStandby();
  await using terminal = new Terminal([program, "wait"], { env });
  await terminal.shows(/\d+\r\n/);
  const by = parseInt(terminal.screen);
  assert.notEqual(by, await terminal.pid());
  await terminal.type("\x03");
  assert.equal(await terminal.exit(), 128 + 2);
  await until("the command has ended, too", () => !isAlive(by));
});

test("what a command could not write is not written by the next one", async () => {
  await toldByStandby();
  const full = await run(["say", "secret"], { by: ["sh", "-c", 'exec "$0" "$@" >/dev/full'] });
  assert.notEqual(full.code, 0);
  for (let i = 0; i < 3; i++) assert.deepEqual((await run(["say", "mine"])).stdout, "mine");
});

test("a command that fails as nobody has thought of ends with 1, and what stood by with it", async () => {
  await toldByStandby();
  assert.equal((await run(["fail"])).code, 1);
  await toldByStandby();
});

test("when the command has ended, nothing of the caller's is held any more", async () => {
  const mounts = `${folder}/mounts`;
  await Deno.mkdir(mounts);
  const script = 'for i in 1 2 3 4 5 6 7 8; do mount -t tmpfs x "$MOUNTS" && (cd "$MOUNTS" && "$0" say x >out) && ' +
    'umount "$MOUNTS" || exit 1; done';
  const by = ["sh", "-c", script];
  assert.deepEqual((await run([], { by, env: { MOUNTS: mounts } })).stderr, "");
});

test("who stands by for a command that writes to nobody lets the others go without it", async () => {
  await toldByStandby();
  const text = "x".repeat(100_000);
  const script = `mkfifo fifo; sleep 20 <fifo & reader=$!; "$0" say "$TEXT" >fifo & writer=$!; sleep 0.3
    "$0" tell & echo $!; wait $!; kill $reader; wait $writer`;
  const { stdout } = await run([], { by: ["sh", "-c", script], cwd: folder, env: { TEXT: text } });
  const [pid, told = ""] = stdout.trim().split("\n");
  assert.equal(JSON.parse(told).pid, Number(pid), "it has waited for another command's reader");
});

test("several commands at once all work", async () => {
  await toldByStandby();
  const told = await Promise.all(Array.from({ length: 6 }, (_, i) => tell({ env: { A: String(i) } })));
  assert.deepEqual(told.map(({ env }) => env.A), ["0", "1", "2", "3", "4", "5"]);
});

test("where commands have to wait for one another, one more stands by", async () => {
  const most = Math.min(2, navigator.hardwareConcurrency);
  await until("two stand by", async () => {
    await Promise.all(Array.from({ length: 6 }, () => toldByStandby()));
    return standbys().length >= most;
  }, 20_000);
  const by = new Set<number>();
  for (let i = 0; i < 20; i++) {
    const told = await Promise.all([run(["tell"]), run(["tell"]), run(["tell"])]);
    for (const { stdout } of told) by.add(JSON.parse(stdout).pid);
  }
  assert(standbys().filter((pid) => by.has(pid)).length >= most, `${[...by]} of ${standbys()}`);
});

test("when the first who stood by has been killed, the other goes on", async () => {
  await until("two stand by", async () => {
    await Promise.all(Array.from({ length: 6 }, () => toldByStandby()));
    return standbys().length >= Math.min(2, navigator.hardwareConcurrency);
  }, 20_000);
  const [first = 0, second] = standbys();
  Deno.kill(first, "SIGKILL");
  await until("it has gone", () => !isAlive(first));
  if (second === undefined) return await toldByStandby(); // one processor: there is no other
  await until("the other runs a command", async () => {
    return !isAlive(second) || JSON.parse((await run(["tell"])).stdout).pid === second;
  });
});

test("who is not needed leaves, and leaves nothing running", async () => {
  await toldByStandby();
  await until("nobody stands by", () => standbys().length === 0, 20_000);
  assert.equal((await tell({ env: { SAUROPOD_STANDBY: "no" } })).stoodBy, false);
});
