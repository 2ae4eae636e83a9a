/** Our CLI and our API, end to end over the socket; only the engine behind it pretends. */
import assert from "node:assert/strict";
import { MemoryEngine } from "../../api/memory_engine_test_support.ts";
import { serve } from "../../api/serve.ts";
import { output } from "../support/command.ts";
import { requires } from "../support/requires.ts";

const main = new URL("../../main.ts", import.meta.url).pathname;

/** A served engine that pretends, and our CLI against it. */
class Served implements AsyncDisposable {
  readonly engine = new MemoryEngine();
  readonly folder = Deno.makeTempDirSync({ prefix: "sauropod-cli-" });
  readonly #server = serve(this.engine, { socket: `${this.folder}/s.sock`, log: () => {} });

  words(...args: string[]): string[] {
    return [Deno.execPath(), "run", "-A", "--quiet", "--no-check", main, "-H", `unix://${this.folder}/s.sock`, ...args];
  }

  async cli(line: string, stdin?: string) {
    await this.#server;
    const options = stdin === undefined ? {} : { stdin };
    return await output(this.words(...line.split(" ")), { timeout: 20_000, ...options });
  }

  async [Symbol.asyncDispose]() {
    await (await this.#server).close(100);
    await Deno.remove(this.folder, { recursive: true });
  }
}

const cases: readonly [line: string, expected: { code: number; stdout: string; stderr: string }, stdin?: string][] = [
  ["run img echo hello world", { code: 0, stdout: "hello world\n", stderr: "" }],
  ["run --rm img both", { code: 3, stdout: "out\n", stderr: "err\n" }],
  ["run -a stderr img both", { code: 3, stdout: "", stderr: "err\n" }],
  ["run -i img cat", { code: 0, stdout: "some\ndata", stderr: "" }, "some\ndata"],
  ["run -it img cat", { code: 1, stdout: "", stderr: "the input device is not a TTY\n" }],
  ["run absent", {
    code: 125,
    stdout: "",
    stderr: "Unable to find image 'absent:latest' locally\n" +
      "sauropod: Error response from engine: pull access denied for absent:latest.\n" +
      "See 'sauropod run --help'.\n",
  }],
  ["run --pull never absent", {
    code: 125,
    stdout: "",
    stderr: "sauropod: Error response from engine: No such image: absent:latest.\nSee 'sauropod run --help'.\n",
  }],
  ["rm nope", { code: 1, stdout: "", stderr: "Error response from engine: No such container: nope\n" }],
  ["wait nope", { code: 1, stdout: "", stderr: "Error response from engine: No such container: nope\n" }],
  ["logs nope", { code: 1, stdout: "", stderr: "Error response from engine: No such container: nope\n" }],
  ["exec nope true", { code: 1, stdout: "", stderr: "Error response from engine: No such container: nope\n" }],
];

for (const [line, expected, stdin] of cases) {
  Deno.test(`sauropod ${line}`, async () => {
    await using served = new Served();
    assert.deepEqual(await served.cli(line, stdin), expected);
    assert.equal(served.engine.attached, 0, "somebody is still attached");
  });
}

Deno.test("run waits and attaches before it starts", async () => {
  await using served = new Served();
  await served.cli("run img echo");
  assert.deepEqual(served.engine.calls.toSorted(), ["attach", "create", "start", "wait"]);
  assert.equal(served.engine.calls[0], "create");
  assert.equal(served.engine.calls[3], "start");
});

Deno.test("a container's life, command by command", async () => {
  await using served = new Served();
  const { stdout: id } = await served.cli("run -d --name web img sleep");
  assert.match(id, /^[0-9a-f]{64}\n$/);
  assert.deepEqual(await served.cli("exec web echo in"), { code: 0, stdout: "in\n", stderr: "" });
  assert.equal((await served.cli("exec web absent")).code, 127);
  assert.equal((await served.cli("start web")).stdout, "web\n", "that it runs already is no failure");
  assert.equal((await served.cli("stop web")).stdout, "web\n");
  assert.equal((await served.cli("wait web")).stdout, "143\n");
  assert.deepEqual(await served.cli("rm web nope web2"), {
    code: 1,
    stdout: "web\n",
    stderr: ["nope", "web2"].map((name) => `Error response from engine: No such container: ${name}\n`).join(""),
  });
});

Deno.test("run passes a flood of output on, byte by byte", async () => {
  await using served = new Served();
  const child = new Deno.Command("sh", {
    args: ["-c", '"$@" | sha256sum', "sh", ...served.words("run", "img", "flood", "8")],
    stdout: "piped",
  });
  const expected = new Uint8Array(8 << 20);
  for (let i = 0; i < 128; i++) expected.fill(i, i * 65536, (i + 1) * 65536);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", expected)).toHex();
  assert.equal(new TextDecoder().decode((await child.output()).stdout), `${digest}  -\n`);
});

Deno.test("run forwards a signal to the container and leaves with its exit code", async () => {
  await using served = new Served();
  await served.cli("run -d img echo"); // so that the server listens
  const [program = "", ...args] = served.words("run", "img", "sleep");
  const child = new Deno.Command(program, { args, stdin: "null", stdout: "null", stderr: "null" }).spawn();
  while (served.engine.calls.filter((call) => call === "start").length < 2) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  child.kill("SIGTERM");
  assert.equal((await child.status).code, 137);
});

Deno.test("--cidfile gets the id, and an old one is not overwritten", async () => {
  await using served = new Served();
  const path = `${served.folder}/cid`;
  assert.equal((await served.cli(`run --cidfile ${path} img echo`)).code, 0);
  const id = await Deno.readTextFile(path);
  assert.match(id, /^[0-9a-f]{64}$/);
  const { code, stderr } = await served.cli(`run --cidfile ${path} img echo`);
  assert.equal(code, 125);
  assert.match(stderr, /^sauropod: container ID file found, make sure the other container isn't running or delete /);
  assert.equal(await Deno.readTextFile(path), id);
  assert.equal((await served.cli(`run --cidfile ${path}2 absent`)).code, 125);
  await assert.rejects(Deno.stat(`${path}2`), Deno.errors.NotFound);
});

Deno.test("--explain prints the tape to stderr before the start, and after it what was done for the network", async () => {
  await using served = new Served();
  const { stdout, stderr } = await served.cli("run --explain=json img echo hi");
  assert.equal(stdout, "hi\n");
  const [tape, started] = stderr.trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual([tape.entries, started.network[0].text], [[], "start"]);
});

Deno.test({
  name: "run -it makes the terminal raw, and gives it back when a signal ends us",
  ...requires(
    { command: ["script", "stty"] },
    "run -it makes the terminal raw, and gives it back when a signal ends us",
  ),
  async fn() {
    await using served = new Served();
    await served.cli("run -d img echo"); // so that the server listens
    const quoted = served.words("run", "-it", "--sig-proxy=false", "img", "sleep").join(" ");
    // A shell gives a background command /dev/null as stdin unless told otherwise: hence descriptor 3. stty tells the terminal's state before, during and after; `-g` in a form that can be compared.
    const story = `exec 3<&0; stty -g; ${quoted} <&3 & while stty -a | grep -q ' icanon'; do sleep 0.05; done; ` +
      "stty -a | grep -o -- '-icanon'; kill -TERM $!; wait $!; echo $?; stty -g";
    const { stdout } = await output(["script", "-qec", `sh -c "${story.replace(/[$"]/g, "\\$&")}"`, "/dev/null"], {
      timeout: 20_000,
    });
    const [before, during, code, after] = stdout.trim().split(/\r?\n/);
    assert.equal(during, "-icanon");
    assert.equal(code, "143");
    assert.equal(after, before);
  },
});
