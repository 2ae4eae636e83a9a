import assert from "node:assert/strict";
import { importGraph } from "./import_graph.ts";
import { layers, type LayerTable, violations } from "./layers.ts";

const rows = [
  { name: "to the right", from: "engine/x.ts", to: "sys/fd.ts", says: [] },
  { name: "within a layer", from: "fs/x.ts", to: "fs/deep/y.ts", says: [] },
  { name: "layers from image", from: "image/x.ts", to: "fs/layer.ts", says: [] },
  { name: "the client from the CLI", from: "cli/x.ts", to: "api/client/http.ts", says: [] },
  { name: "the client as one file", from: "cli/x.ts", to: "api/client.ts", says: [] },
  { name: "the engine from main", from: "main.ts", to: "engine/engine.ts", says: [] },
  { name: "anything from a test folder", from: "tests/e2e/x_test.ts", to: "sys/fd.ts", says: [] },
  { name: "support from a unit test", from: "fs/x_test.ts", to: "tests/support/requires.ts", says: [] },
  {
    name: "the engine from the CLI",
    from: "cli/x.ts",
    to: "engine/y.ts",
    says: ["cli/x.ts imports engine/y.ts: cli may import only api/client, base"],
  },
  {
    name: "a sibling part",
    from: "fs/x.ts",
    to: "image/y.ts",
    says: ["fs/x.ts imports image/y.ts: fs may import only sys, base"],
  },
  {
    name: "support from code",
    from: "base/x.ts",
    to: "tests/support/requires.ts",
    says: ["base/x.ts imports tests/support/requires.ts: base may import only itself"],
  },
  {
    name: "an unknown folder",
    from: "attic/x.ts",
    to: "base/y.ts",
    says: ["attic/x.ts is in no layer: add its folder to the table in _tools/layers.ts"],
  },
];
for (const { name, from, to, says } of rows) {
  Deno.test(`layers: ${name} is ${says.length > 0 ? "refused" : "allowed"}`, () => {
    assert.deepEqual(violations([{ from, to }], layers), says);
  });
}

Deno.test("layers: the imports of real files are found", async () => {
  const imports = await importGraph(["_tools/layers.ts"]);
  const table: LayerTable = { "_tools/layers.ts": [], "_tools": [] };
  assert.deepEqual(violations(imports, table), [
    "_tools/layers.ts imports _tools/import_graph.ts: _tools/layers.ts may import only itself",
    "_tools/layers.ts imports _tools/source_files.ts: _tools/layers.ts may import only itself",
  ]);
});
