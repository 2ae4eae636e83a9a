/** Commands that are run by a process that stood by for them, seen from outside, with a small program in the place of ours. */
import assert from "node:assert/strict";
import { SIGNALS } from "../../base/signals.ts";
import { requires } from "../support/requires.ts";
import { isAlive, until } from "../support/sandbox.ts";
import { Terminal } from "../support/terminal.ts";

const root = new URL("../../", import.meta.url).pathname;
const main = `
import { runCommand } from "${root}standby/run_command.ts";

let spent = false;
const commands: Record<string, (...args: string[]) => number | Promise<number>> = {
  tell(...args) {
    const { A, B, HOME } = Deno.env.toObject();
    console.log(JSON.stringify({ args, cwd: Deno.cwd(), env: { A, B, HOME }, umask: Deno.umask(), pid: Deno.pid }));
    return 0;
  },
  async copy() {
    spent = true;
    await Deno.stdin.readable.pipeTo(Deno.stdout.writable, { preventClose: true });
    console.error("copied");
    return 3;
  },
  leave: (code) => Deno.exit(Number(code)),
  async wait() {
    console.log(String(Deno.pid));
    await new Promise((resolve) => setTimeout(resolve, 30_000));
    return 0;
  },
  async catch() {
    const caught = new Promise<number>((resolve) => Deno.addSignalListener("SIGTERM", () => resolve(7)));
    console.log(String(Deno.pid));
    return await caught;
  },
};
Deno.exit(await runCommand({
  run: async ([name = "", ...args]) => await commands[name]?.(...args) ?? 99,
  wantsOwnProcess: ([, word], atTerminal) => word === "alone" || (word === "lasting" && atTerminal),
  load: async () => {},
  isSpent: () => spent,
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

/** The process that stands by now. */
function standby(): number | undefined {
  return pids().find((pid) => words(pid).at(-1) === "--standby" && words(pid)[0]?.startsWith(folder));
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
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
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
  Deno.kill(standby() ?? -1, "SIGKILL");
  assert.equal((await tell()).stoodBy, false);
});

const apart: readonly { name: string; options?: Options; args?: string[] }[] = [
  { name: "wants a process of its own", args: ["alone"] },
  { name: "is told that nobody shall stand by", options: { env: { SAUROPOD_STANDBY: "no" } } },
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
    await toldByStandby();
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

test("several commands at once all work", async () => {
  await toldByStandby();
  const told = await Promise.all(Array.from({ length: 6 }, (_, i) => tell({ env: { A: String(i) } })));
  assert.deepEqual(told.map(({ env }) => env.A), ["0", "1", "2", "3", "4", "5"]);
});

test("who is not needed leaves, and leaves nothing running", async () => {
  await toldByStandby();
  await until("nobody stands by", () => standby() === undefined, 20_000);
  assert.equal((await tell({ env: { SAUROPOD_STANDBY: "no" } })).stoodBy, false);
});
