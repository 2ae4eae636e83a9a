/** A user at a terminal: what the keys do, what the screen shows, and what is left of the terminal afterwards. */
import assert from "node:assert/strict";
import { isAlive, program, type Sandbox, until } from "../support/sandbox.ts";
import { SharedSandbox } from "../support/shared_sandbox.ts";
import { Terminal, type TerminalOptions } from "../support/terminal.ts";

const sandbox = new SharedSandbox({ command: ["busybox", "python3", "stty"] });
const test = sandbox.test.bind(sandbox);

const CTRL_C = "\x03";
const CTRL_P = "\x10";
const CTRL_Q = "\x11";

/** Our CLI on a terminal of its own. */
function open(box: Sandbox, args: readonly string[], size: TerminalOptions = {}): Terminal {
  return new Terminal([...program, ...args], { ...size, env: box.env });
}

/** A shell in a container, its prompt shown. */
async function shell(box: Sandbox, name: string, size: TerminalOptions = {}): Promise<Terminal> {
  const terminal = open(box, ["run", "-it", "--name", name, "-e", "PS1=ready> ", "busybox", "sh"], size);
  await terminal.shows("ready> ");
  return terminal;
}

/** The line settings that a terminal has when nobody has changed them. */
async function fresh(): Promise<string> {
  await using terminal = new Terminal(["true"]);
  await terminal.exit();
  return await terminal.settings();
}

test("run -it gives the process the first terminal of its own devpts", async (box) => {
  await using terminal = await shell(box, "first-tty");
  await terminal.type("tty; test -t 2 && echo all; stat -c %n /dev/console; echo $(ls /dev/pts)\n");
  await terminal.shows("\n/dev/pts/0\r\nall\r\n/dev/console\r\n0 ptmx\r\n");
  await terminal.type("exit 4\n");
  assert.equal(await terminal.exit(), 4);
});

test("the size of the window is the process's, also when it changes", async (box) => {
  await using terminal = await shell(box, "sized", { rows: 31, columns: 101 });
  await terminal.type("stty size\n");
  await terminal.shows("31 101\r\n");
  await terminal.type('sh -c \'trap "stty size" WINCH; echo arm""ed; while :; do sleep 0.05; done\'\n');
  await terminal.shows("armed");
  await terminal.resize(45, 132);
  await terminal.shows("45 132\r\n");
});

test("Ctrl-C reaches the process, not our CLI", async (box) => {
  await using terminal = await shell(box, "interrupted");
  await terminal.type('sh -c \'trap "echo caught; exit" INT; echo arm""ed; while :; do sleep 0.05; done\'\n');
  await terminal.shows("armed");
  await terminal.type(CTRL_C);
  await terminal.shows("caught\r\n");
  await terminal.type("echo still here\n");
  await terminal.shows("\nstill here\r\n");
});

test("Ctrl-P Ctrl-Q detaches: exit 0, the container goes on, attach and detach again", async (box) => {
  {
    await using terminal = await shell(box, "detached");
    await terminal.type("state=kept\n");
    await terminal.type(CTRL_P);
    await terminal.type(CTRL_Q);
    assert.equal(await terminal.exit(), 0);
    await terminal.shows("read escape sequence");
    assert.equal(await terminal.settings(), await fresh());
  }
  assert.equal(await box.inspect("detached", "{{.State.Running}}"), "true");
  {
    await using terminal = open(box, ["attach", "detached"], { rows: 20, columns: 60 });
    await until(
      "its size is the container's",
      async () => await box.ok("exec", "detached", "stty", "-F", "/dev/pts/0", "size") === "20 60",
    );
    await terminal.type("echo $state\n");
    await terminal.shows("\nkept\r\n");
    await terminal.type(CTRL_P + CTRL_Q);
    assert.equal(await terminal.exit(), 0);
  }
  await using terminal = open(box, ["attach", "detached"]);
  await terminal.type("exit 8\n");
  assert.equal(await terminal.exit(), 8);
  assert.equal(await terminal.settings(), await fresh());
});

test("--detach-keys replaces the keys, and the usual ones go to the process", async (box) => {
  const args = [
    "run",
    "-it",
    "--detach-keys",
    "ctrl-x,x",
    "--name",
    "other-keys",
    "busybox",
    "sh",
    "-c",
    "stty raw -echo; echo go; od -An -tx1 -N2",
  ];
  await using terminal = open(box, args);
  await terminal.shows("go");
  await terminal.type(CTRL_P + CTRL_Q);
  await terminal.shows("10 11");
  assert.equal(await terminal.exit(), 0);
  await box.ok("run", "-dit", "--name", "other-keys-2", "busybox", "cat");
  await using attached = open(box, ["attach", "--detach-keys=ctrl-x,x", "other-keys-2"]);
  await attached.type("echoed\n");
  await attached.shows("echoed\r\nechoed\r\n");
  await attached.type("\x18x");
  assert.equal(await attached.exit(), 0);
  assert.equal(await box.inspect("other-keys-2", "{{.State.Running}}"), "true");
});

test("exec -it has a terminal of its own, with its own size and exit code", async (box) => {
  await box.ok("run", "-d", "--name", "for-exec", "busybox", "sleep", "1000");
  await using terminal = open(box, ["exec", "-it", "for-exec", "sh"], { rows: 33, columns: 77 });
  await terminal.type("tty; stty size\n");
  await terminal.shows(/\/dev\/pts\/0\r\n33 77\r\n/);
  await terminal.resize(10, 20);
  await until(
    "the size has come",
    async () => (await box.ok("exec", "for-exec", "stty", "-F", "/dev/pts/0", "size")) === "10 20",
  );
  await terminal.type("exit 3\n");
  assert.equal(await terminal.exit(), 3);
  assert.equal(await terminal.settings(), await fresh());
  await using detached = open(box, ["exec", "-it", "for-exec", "cat"]);
  await detached.type("x\n");
  await detached.shows("x\r\nx\r\n");
  await detached.type(CTRL_P + CTRL_Q);
  assert.equal(await detached.exit(), 0);
  assert.match(await box.ok("top", "for-exec"), /\bcat$/m);
});

test("the terminal is raw while the process has it, and afterwards as before", async (box) => {
  const before = await fresh();
  await using terminal = await shell(box, "raw");
  const during = await terminal.settings();
  assert.match(during, /-icanon/);
  assert.match(during, /-echo\b/);
  assert.match(during, /-isig/);
  await terminal.type("exit\n");
  assert.equal(await terminal.exit(), 0);
  assert.equal(await terminal.settings(), before);
});

test("the terminal is given back when our CLI is told to end, and when the container is killed", async (box) => {
  await using killed = await shell(box, "killed-from-outside");
  await box.ok("kill", "killed-from-outside");
  assert.equal(await killed.exit(), 137);
  assert.equal(await killed.settings(), await fresh());
  await using told = open(box, ["exec", "-it", "for-exec", "sh"]);
  await told.shows(/[#$] /);
  await told.signal("TERM");
  assert.equal(await told.exit(), 143);
  assert.equal(await told.settings(), await fresh());
});

test("the terminal is given back when the engine is killed, and the container goes on", async (box) => {
  await using terminal = await shell(box, "orphaned");
  await box.killEngine();
  assert.notEqual(await terminal.exit(), 0);
  assert.equal(await terminal.settings(), await fresh());
  assert.equal(await box.inspect("orphaned", "{{.State.Running}}"), "true");
  await using again = open(box, ["attach", "orphaned"]);
  await again.type("echo back; exit 9\n");
  await again.shows("\nback\r\n");
  assert.equal(await again.exit(), 9);
});

test("when the window is closed our CLI ends, and the container goes on", async (box) => {
  for (const args of [["run", "-it", "--name", "windowless", "busybox", "cat"], ["attach", "windowless"]]) {
    let pid: number;
    {
      await using terminal = open(box, args);
      await terminal.type("seen\n");
      await terminal.shows("seen\r\nseen\r\n");
      pid = await terminal.pid();
    }
    await until("our CLI has ended", () => !isAlive(pid));
    assert.equal(await box.inspect("windowless", "{{.State.Running}}"), "true");
  }
});

test("start -ai joins a terminal to a container that was stopped", async (box) => {
  await box.ok("create", "-it", "--name", "later", "-e", "PS1=ready> ", "busybox", "sh");
  for (const code of [1, 2]) {
    await using terminal = open(box, ["start", "-ai", "later"], { rows: 12, columns: 34 });
    await terminal.shows("ready> ");
    await terminal.type(`stty size; exit ${code}\n`);
    await terminal.shows("12 34\r\n");
    assert.equal(await terminal.exit(), code);
  }
});

test("the last line of a process on a terminal is never lost", async (box) => {
  for (let round = 0; round < 10; round++) {
    await using terminal = open(box, ["run", "--rm", "-it", "busybox", "sh", "-c", "seq 1 2000; echo the last line"]);
    assert.equal(await terminal.exit(), 0);
    await terminal.shows(/\n2000\r\nthe last line\r\n$/);
  }
});

test("two users attached to one terminal see the same", async (box) => {
  await box.ok("run", "-dit", "--name", "shared-tty", "-e", "PS1=ready> ", "busybox", "sh");
  await using one = open(box, ["attach", "shared-tty"]);
  await using two = open(box, ["attach", "shared-tty"]);
  for (const user of [one, two]) {
    await user.type("\n");
    await user.shows("ready> ");
  }
  await two.type("echo from $((1 + 1))\n");
  await one.shows("from 2\r\n");
  await two.shows("from 2\r\n");
});

test("without -t stdin of a terminal stays in lines, and Ctrl-D ends it", async (box) => {
  await using terminal = open(box, ["run", "--rm", "-i", "busybox", "cat"]);
  await terminal.type("typed\n");
  await terminal.shows("typed\r\ntyped\r\n");
  assert.match(await terminal.settings(), / icanon/);
  await terminal.type("\x04");
  assert.equal(await terminal.exit(), 0);
});

test("stats redraws its table on a terminal until Ctrl-C", async (box) => {
  await using terminal = open(box, ["stats", "for-exec"]);
  await terminal.shows(/for-exec[^]*CONTAINER ID[^]*for-exec/);
  await terminal.type(CTRL_C);
  assert.equal(await terminal.exit(), 130);
});

test("save and load refuse a terminal", async (box) => {
  for (
    const [args, said] of [[["save", "busybox"], "cowardly refusing to save to a terminal"], [
      ["load"],
      "requested load from stdin",
    ]] as const
  ) {
    await using terminal = open(box, args);
    await terminal.shows(said);
    assert.equal(await terminal.exit(), 1);
  }
});
