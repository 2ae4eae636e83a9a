/** What README says is what happens: its program runs, its excerpt of --explain is real, its settings exist. */
import assert from "node:assert/strict";
import { output } from "../support/command.ts";
import { requires } from "../support/requires.ts";
import { Sandbox } from "../support/sandbox.ts";

const root = new URL("../../", import.meta.url).pathname;
const readme = await Deno.readTextFile(`${root}README.md`);
const needs = requires({ root: true, kernel: "5.10", cgroup: "any" }, "README's examples");

/** The blocks of README in a language. */
function blocks(language: string): string[] {
  return Array.from(readme.matchAll(/^```(\w+)\n(.*?)^```$/gms))
    .filter(([, name]) => name === language).map(([, , text = ""]) => text);
}

Deno.test({
  name: "README's program runs a container and prints its output",
  ...needs,
  async fn() {
    const folder = await Deno.makeTempDir({ prefix: "sauropod-test-" });
    try {
      const [program = "", ...more] = blocks("ts");
      assert.deepEqual(more, []);
      await Deno.writeTextFile(`${folder}/program.ts`, program);
      await Deno.writeTextFile(`${folder}/mod.ts`, `export * from "file://${root}mod.ts";\n`);
      const command = [Deno.execPath(), "run", "-A", "--quiet", "--config", `${root}deno.json`, `${folder}/program.ts`];
      const env = { SAUROPOD_ROOT: `${folder}/root`, SAUROPOD_RUN: `${folder}/run` };
      const { code, stdout, stderr } = await output(command, { env });
      const told = stderr.replace(/^net\.ipv4\.ip_forward was 0 .*\n/m, ""); // by the first engine on a host
      assert.deepEqual([code, stdout, told], [0, "brachiosaurus\nended with 0\n", ""]);
      assert.deepEqual(Array.from(Deno.readDirSync(`${folder}/root/containers`)), []);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: "README's excerpt of --explain is what --explain prints",
  ...needs,
  async fn() {
    const excerpt = blocks("console").find((block) => block.includes("--explain")) ?? "";
    const lines = excerpt.split("\n").filter((line) => /^ *\d/.test(line));
    assert.ok(lines.length >= 10);
    await using sandbox = await Sandbox.open();
    const { stderr } = await sandbox.sauropod(["run", "--rm", "--explain", "host", "hostname"]);
    const real = stderr.split("\n").map(withoutNumbers);
    for (const line of lines) assert.ok(real.includes(withoutNumbers(line)), `not printed: ${line}`);
  },
});

/** The index of a call, and those that it goes on with, differ from machine to machine. */
function withoutNumbers(line: string): string {
  return line.replace(/^ *\d+ /, "").replace(/go to \d+/, "go to N").replace(/ +#/, " #");
}

Deno.test({
  name: "the real docker command works as README says",
  ...requires({ root: true, kernel: "5.10", cgroup: "any", command: "docker" }, "docker's command"),
  async fn() {
    const line = readme.split("\n").find((line) => line.startsWith("docker run ")) ?? "";
    await using sandbox = await Sandbox.open();
    const { code, stdout, stderr } = await sandbox.docker(line.split(" ").slice(1));
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^[0-9a-f]{12}\n$/, "a container without a name of its own is called by its id");
  },
});
