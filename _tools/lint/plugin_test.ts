import assert from "node:assert/strict";
import plugin from "./plugin.ts";

interface Row {
  readonly name: string;
  readonly file: string;
  readonly source: string;
  /** Rules that speak up, in order; empty: the source is fine. */
  readonly reports: readonly string[];
}

const rows: Row[] = [
  { name: "dlopen in fs/", file: "fs/x.ts", source: `Deno.dlopen("libc.so.6", {});`, reports: ["fence"] },
  { name: "dlopen by string", file: "fs/x.ts", source: `Deno["dlopen"]("libc.so.6", {});`, reports: ["fence"] },
  { name: "a pointer in a test", file: "tests/x.ts", source: `Deno.UnsafePointer.of(b);`, reports: ["fence"] },
  { name: "a pointer view", file: "cli/x.ts", source: `new Deno.UnsafePointerView(p);`, reports: ["fence"] },
  { name: "a callback", file: "net/x.ts", source: `new Deno.UnsafeCallback(d, f);`, reports: ["fence"] },
  { name: "dlopen in sys/", file: "sys/x.ts", source: `Deno.dlopen("libc.so.6", {});`, reports: [] },
  { name: "another member of Deno", file: "fs/x.ts", source: `Deno.readFileSync("x");`, reports: [] },
  { name: "a bare Error", file: "fs/x.ts", source: `throw new Error("x");`, reports: ["errors-have-a-class"] },
  { name: "an Error by call", file: "cli/x.ts", source: `throw Error("x");`, reports: ["errors-have-a-class"] },
  { name: "a string", file: "api/x.ts", source: `throw "x";`, reports: ["errors-have-a-class"] },
  { name: "a template", file: "base/x.ts", source: "throw `x${1}`;", reports: ["errors-have-a-class"] },
  { name: "a classed error", file: "fs/x.ts", source: `throw invalid("x");`, reports: [] },
  { name: "rethrow", file: "fs/x.ts", source: `try { f(); } catch (e) { throw e; }`, reports: [] },
  { name: "a bare Error in a test", file: "fs/x_test.ts", source: `throw new Error("x");`, reports: [] },
  { name: "a bare Error in a tool", file: "_tools/x.ts", source: `throw new Error("x");`, reports: [] },
  { name: "a default export", file: "fs/x.ts", source: `export default 1;`, reports: ["no-default-export"] },
  {
    name: "a default export by name",
    file: "fs/x.ts",
    source: `const a = 1; export { a as default };`,
    reports: ["no-default-export"],
  },
  { name: "the plugin's own export", file: "_tools/lint/plugin.ts", source: `export default 1;`, reports: [] },
  { name: "node: in cli/", file: "cli/x.ts", source: `import "node:fs";`, reports: ["no-node-on-cli-path"] },
  { name: "lazy node:", file: "main.ts", source: `await import("node:fs");`, reports: ["no-node-on-cli-path"] },
  { name: "node: passed on", file: "base/x.ts", source: `export * from "node:fs";`, reports: ["no-node-on-cli-path"] },
  {
    name: "node: in the client",
    file: "api/client/x.ts",
    source: `import { connect } from "node:net";`,
    reports: ["no-node-on-cli-path"],
  },
  { name: "node: in the engine", file: "engine/x.ts", source: `import "node:fs";`, reports: [] },
  { name: "node: in a test of cli/", file: "cli/x_test.ts", source: `import a from "node:assert";`, reports: [] },
  { name: "a type of node:", file: "cli/x.ts", source: `import type { A } from "node:fs";`, reports: [] },
  { name: "a file called utils", file: "fs/utils.ts", source: `f();`, reports: ["no-grab-bag-names"] },
  { name: "the test of helpers", file: "fs/helpers_test.ts", source: `f();`, reports: ["no-grab-bag-names"] },
  { name: "a folder called common", file: "fs/common/x.ts", source: `f();`, reports: ["no-grab-bag-names"] },
  { name: "a name that contains one", file: "fs/commonmark.ts", source: `f();`, reports: [] },
];

const root = new URL("../../", import.meta.url).pathname;
for (const { name, file, source, reports } of rows) {
  Deno.test(`lint: ${name} ${reports.length > 0 ? `is reported by ${reports}` : "is fine"}`, () => {
    for (const path of [file, root + file]) {
      const ids = Deno.lint.runPlugin(plugin, path, source).map((diagnostic) => diagnostic.id);
      assert.deepEqual(ids, reports.map((rule) => `sauropod/${rule}`));
    }
  });
}

Deno.test("lint: fence says where the call belongs", () => {
  const [diagnostic] = Deno.lint.runPlugin(plugin, "fs/x.ts", `Deno.dlopen("libc.so.6", {});`);
  assert.equal(diagnostic?.message, "Deno.dlopen outside of sys/");
  assert.match(diagnostic?.hint ?? "", /into sys\//);
});
