/** The API as docker's own command sees it; the pretended engine answers. Each client on the machine is a witness. */
import assert from "node:assert/strict";
import { eventually, type Served, served } from "../../api/serve_test_support.ts";
import { output } from "../support/command.ts";
import { findCommand } from "../support/machine.ts";
import { requires } from "../support/requires.ts";

/** The first on the PATH, and the distribution's, which is often years older. */
const clients = [...new Set([findCommand("docker") ?? "/usr/local/bin/docker", "/usr/bin/docker"])];

for (const client of clients) {
  const docker = (api: Served, args: readonly string[], stdin?: string) =>
    output([client, ...args], {
      env: { DOCKER_HOST: `unix://${api.socket}` },
      timeout: 20_000,
      ...(stdin !== undefined && { stdin }),
    });

  const test = (name: string, fn: (api: Served) => Promise<void>) =>
    Deno.test({
      name: `${client}: ${name}`,
      ...requires({ path: client }, name),
      async fn() {
        await using api = await served();
        await fn(api);
        assert.equal(api.engine.attached, 0);
      },
    });

  test("run prints both streams apart and ends with the container's code", async (api) => {
    assert.deepEqual(await docker(api, ["run", "x", "both"]), { code: 3, stdout: "out\n", stderr: "err\n" });
    assert.deepEqual(await docker(api, ["run", "--rm", "x", "echo", "hi"]), { code: 0, stdout: "hi\n", stderr: "" });
    assert.equal(api.engine.byId.size, 1);
  });

  test("run -i gives all of its input to the container and ends with it", async (api) => {
    const input = "0123456789abcde\n".repeat(100_000);
    const { code, stdout } = await docker(api, ["run", "-i", "x", "cat"], input);
    assert.equal(code, 0);
    assert.ok(stdout === input, `${stdout.length} of ${input.length} bytes came back`);
  });

  test("run attaches and waits before it starts", async (api) => {
    await docker(api, ["run", "x", "echo", "hi"]);
    assert.deepEqual(api.engine.calls, ["create", "attach", "wait", "start"]);
  });

  test("failures are shown with the engine's words", async (api) => {
    const kill = await docker(api, ["kill", "none"]);
    assert.equal(kill.code, 1);
    assert.match(kill.stderr, /^Error response from daemon: No such container: none/);
    const run = await docker(api, ["run", "absent"]);
    assert.equal(run.code, 125);
    assert.match(run.stderr, /pull access denied for \S*absent:latest/);
    const info = await docker(api, ["info"]);
    assert.match(info.stdout + info.stderr, /a bug/); // old clients print it among the output
  });

  test("exec carries input, output and the exit code of what cannot be started", async (api) => {
    await docker(api, ["run", "-d", "--name", "c", "x", "sleep"]);
    assert.equal((await docker(api, ["exec", "-i", "c", "cat"], "data")).stdout, "data");
    const absent = await docker(api, ["exec", "c", "absent"]);
    assert.equal(absent.code, 127);
    assert.match(absent.stdout, /executable file not found/);
  });

  test("start of what runs is no error, stop and wait agree on the code", async (api) => {
    await docker(api, ["run", "-d", "--name", "c", "x", "sleep"]);
    assert.equal((await docker(api, ["start", "c"])).code, 0);
    const wait = docker(api, ["wait", "c"]);
    await eventually(() => api.engine.calls.includes("wait"));
    assert.equal((await docker(api, ["stop", "c"])).code, 0);
    assert.equal((await wait).stdout, "143\n");
  });

  test("logs -f follows until the container ends", async (api) => {
    await docker(api, ["run", "-d", "--name", "c", "x", "sleep"]);
    const { process } = api.engine.find("c");
    const print = (text: string) => process.print("stdout", new TextEncoder().encode(text));
    print("one\n");
    const logs = docker(api, ["logs", "-f", "c"]);
    await eventually(() => process.readers.size === 1);
    print("two\n");
    process.end(0);
    assert.equal((await logs).stdout, "one\ntwo\n");
  });

  test("load, import and save go through", async (api) => {
    const folder = await Deno.makeTempDir({ prefix: "sauropod-api-" });
    try {
      await Deno.writeFile(`${folder}/image.tar`, new Uint8Array(3_000_000));
      const load = await docker(api, ["load", "-i", `${folder}/image.tar`]);
      assert.deepEqual(load, { code: 0, stdout: "Loaded image: x:latest\n", stderr: "" });
      assert.equal((await docker(api, ["import", `${folder}/image.tar`, "x:y"])).code, 0);
      assert.equal(api.engine.taken, 6_000_000);
      assert.equal((await docker(api, ["save", "-o", `${folder}/saved.tar`, "a:b"])).code, 0);
      assert.equal(await Deno.readTextFile(`${folder}/saved.tar`), "a:b");
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}
