import assert from "node:assert/strict";
import * as esbuild from "esbuild";
import { lazily, minify, pointToWorkers } from "./bundle.ts";

const workers = ["image/unpack_worker.ts"];
const rows = [
  {
    name: "a sibling",
    code: `new Worker(new URL("./unpack_worker.ts", import.meta.url))`,
    becomes: `new Worker(new URL("./unpack_worker.js", import.meta.url))`,
  },
  {
    name: "one in another folder",
    code: `new URL("../image/unpack_worker.ts", import.meta.url)`,
    becomes: `new URL("./unpack_worker.js", import.meta.url)`,
  },
  {
    name: "by import.meta.resolve",
    code: `import.meta.resolve('./unpack_worker.ts')`,
    becomes: `import.meta.resolve('./unpack_worker.js')`,
  },
  { name: "no file at all", code: `new URL("../v1/x", server)`, becomes: `new URL("../v1/x", server)` },
  { name: "no worker of ours", code: `say("./other_worker.ts")`, becomes: `say("./other_worker.ts")` },
];
for (const { name, code, becomes } of rows) {
  Deno.test(`pointToWorkers() finds the bundled worker: ${name}`, () => {
    assert.equal(pointToWorkers(code, workers), becomes);
  });
}

Deno.test("pointToWorkers() names a file that no bundle holds", () => {
  assert.throws(
    () => pointToWorkers(`new URL("./table.json", import.meta.url)`, workers),
    /table\.json, which no bundle/,
  );
});

Deno.test("lazily() hides the names of dynamic imports, and of no others", () => {
  const code = `import { a } from "./a.js"; const b = () => import("./chunk-B.js"); import("node:fs");`;
  assert.equal(
    lazily(code),
    `import { a } from "./a.js"; const b = () => import(String("./chunk-B.js")); import("node:fs");`,
  );
});

Deno.test("minify() keeps a `using` whose variable is used once", async () => {
  const code = await minify(
    "export const size = (path) => { using file = Deno.openSync(path); return file.statSync().size; };",
  );
  await esbuild.stop();
  assert.match(code, /using \w+=Deno\.openSync\(\w\);return \w\.statSync\(\)\.size/);
});
