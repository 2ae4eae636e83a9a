/** `deno task demo` as somebody sees it who has just cloned the project. */
import assert from "node:assert/strict";
import { output } from "../support/command.ts";
import { requires } from "../support/requires.ts";

const demo = [
  ...[Deno.execPath(), "task", "--quiet", "--config", new URL("../../deno.json", import.meta.url).pathname],
  "demo",
];
const needs = requires({ root: true, kernel: "5.10", cgroup: "any" }, "the demo");

Deno.test({
  name:
    "the demo shows a container's own processes, name and writes, the OOM killer, stats and pause, and leaves nothing",
  ...needs,
  async fn() {
    const { code, stdout, stderr } = await output(demo, { env: { NO_COLOR: "1" } });
    assert.equal(code, 0, stderr + stdout);
    assert.equal(stderr, "");
    assert.match(stdout, /^I am process 1\n\/proc\/1$/m);
    assert.match(stdout, /^brachiosaurus$/m);
    assert.match(stdout, /^A \/etc\/footprint\n\$ .*\nthere is no \/etc\/footprint$/m);
    assert.match(stdout, /^\(exit code 137\)\n\$ .*\nkilled for memory: true$/m);
    assert.match(stdout, /^busy +0\.00%/m, "paused, it takes no time at all");
    assert.match(stdout, /^busy +\S+ +Up .*\(Paused\)$/m);
    assert.match(stdout, /^That took \d+ s\. Nothing is left of it/m);
    const [, folder = ""] = /state in (\/\S+)\.$/m.exec(stdout) ?? [];
    await assert.rejects(Deno.stat(folder), Deno.errors.NotFound);
  },
});

Deno.test({
  name: "the demo that is interrupted clears up, too",
  ...needs,
  async fn() {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", "--no-check", new URL("../../_tools/demo.ts", import.meta.url).pathname],
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    let text = "";
    for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
      if (!text.includes("I am process 1") && (text += chunk).includes("I am process 1")) child.kill("SIGTERM");
    }
    assert.equal((await child.status).code, 130);
    const [, folder = ""] = /state in (\/\S+)\.$/m.exec(text) ?? [];
    assert.notEqual(folder, "");
    await assert.rejects(Deno.stat(folder), Deno.errors.NotFound);
  },
});

Deno.test({
  name: "the demo says in one sentence that it must run as root",
  ...requires({ root: true, command: "unshare" }, "the demo without root"),
  async fn() {
    // In a user namespace without a mapping root is nobody.
    const { code, stdout, stderr } = await output(["unshare", "--user", ...demo]);
    assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
    assert.match(stderr, /^The demo cannot run: it must run as root.*\.\n$/);
  },
});
