/** The newcomer's path: a fresh clone, the demo, README's program. Nothing of this checkout's surroundings is there. */
import assert from "node:assert/strict";
import { output, run } from "../support/command.ts";
import { requires } from "../support/requires.ts";

const checkout = new URL("../../", import.meta.url).pathname;

Deno.test({
  name: "in a fresh clone the demo works, README's program runs, and both leave the clone as it was",
  ...requires({ root: true, kernel: "5.10", cgroup: "any", command: "git", path: `${checkout}.git` }, "a fresh clone"),
  async fn() {
    const folder = await Deno.makeTempDir({ prefix: "sauropod-test-" });
    try {
      const clone = `${folder}/clone`;
      // The checkout may belong to somebody else: git asks for a word about that.
      const git = ["git", "-c", "safe.directory=*"];
      await run([...git, "clone", "--quiet", "--no-hardlinks", checkout, clone]);
      const env = { NO_COLOR: "1", SAUROPOD_ROOT: `${folder}/root`, SAUROPOD_RUN: `${folder}/run` };
      const demo = await output([Deno.execPath(), "task", "--quiet", "demo"], { cwd: clone, env });
      assert.equal(demo.code, 0, demo.stderr + demo.stdout);
      assert.match(demo.stdout, /Nothing is left of it/);

      const [, program = ""] = /^```ts\n(.*?)^```$/ms.exec(await Deno.readTextFile(`${clone}/README.md`)) ?? [];
      await Deno.writeTextFile(`${clone}/example.ts`, program);
      const example = await output([Deno.execPath(), "run", "-A", "--quiet", "example.ts"], { cwd: clone, env });
      assert.deepEqual(example, { code: 0, stdout: "brachiosaurus\nended with 0\n", stderr: "" });
      await Deno.remove(`${clone}/example.ts`);
      assert.equal(await run([...git, "-C", clone, "status", "--porcelain"]), "");
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
