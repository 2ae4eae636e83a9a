import assert from "node:assert/strict";
import { parseJunit } from "./junit.ts";

const source = `
Deno.test("passes > really", () => {});
Deno.test({ name: 'skipped <b> & "c"', ignore: true, fn() {} });
Deno.test("fails in a step", async (t) => {
  await t.step("fine", () => {});
  await t.step("inner", () => { throw new Error("boo <x> </testcase>"); });
});
`;

Deno.test("parseJunit() counts what deno test really wrote, a test with its steps once", async () => {
  const folder = await Deno.makeTempDir({ prefix: "junit-" });
  try {
    await Deno.writeTextFile(`${folder}/a_test.ts`, source);
    await new Deno.Command(Deno.execPath(), {
      args: ["test", "--no-check", "--no-config", "--junit-path", "report.xml", "a_test.ts"],
      cwd: folder,
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).output();
    const file = "./a_test.ts";
    const results = parseJunit(await Deno.readTextFile(`${folder}/report.xml`));
    assert.match(
      results.at(-1)?.failure ?? "",
      /1 test step failed.*fails in a step > inner: Error: boo <x> <\/testcase>/s,
    );
    assert.deepEqual(results.map(({ failure: _, ...result }) => result), [
      { name: "passes > really", file, line: 2, outcome: "passed" },
      { name: 'skipped <b> & "c"', file, line: 3, outcome: "skipped" },
      { name: "fails in a step", file, line: 4, outcome: "failed" },
    ]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
