import assert from "node:assert/strict";
import type { CheckOptions } from "../../base/container_engine.ts";
import type { StoreCheck } from "../../base/docker/system.ts";
import { run } from "./run_test_support.ts";
import { command } from "./system_check.ts";

const Checked = { images: 3, layers: 12, containers: 4, volumes: 1 };
const orphan = { Kind: "layer-orphan", Object: "layers/7", Detail: "layers/7 belongs to no layer", Repaired: false };
const mended = { ...orphan, Detail: `${orphan.Detail}: removed`, Repaired: true };

function engine(Problems: StoreCheck["Problems"]) {
  const asked: (CheckOptions | undefined)[] = [];
  const check = (options?: CheckOptions) => {
    asked.push(options);
    options?.progress?.({ current: 1_000_000, total: 4_000_000 });
    return Promise.resolve({ Checked, Problems });
  };
  return { asked, system: { check } };
}

const rows = [
  {
    name: "a store that is whole",
    problems: [],
    code: 0,
    stdout: "checked 3 images, 12 layers, 4 containers, 1 volume: no problems\n",
  },
  {
    name: "a problem",
    problems: [orphan],
    code: 1,
    stdout: "layer-orphan: layers/7 belongs to no layer\n" +
      "checked 3 images, 12 layers, 4 containers, 1 volume: 1 problem\n",
  },
  {
    name: "one that was repaired",
    problems: [mended],
    code: 0,
    stdout: "layer-orphan: layers/7 belongs to no layer: removed (repaired)\n" +
      "checked 3 images, 12 layers, 4 containers, 1 volume: 1 problem, 1 repaired\n",
  },
];
for (const { name, problems, code, stdout } of rows) {
  Deno.test(`system check tells of ${name}, and ends with ${code}`, async () => {
    assert.deepEqual(await run(command, engine(problems), []), { code, stdout, stderr: "" });
  });
}

Deno.test("system check passes on what is wanted, and shows progress on a terminal only", async () => {
  const parts = engine([]);
  await run(command, parts, ["--repair", "--digests"]);
  assert.deepEqual(parts.asked, [{ repair: true, digests: true }]);
  const { stderr } = await run(command, parts, ["--digests"], { terminal: true });
  assert.equal(stderr, "\r\x1b[2Kreading the layers: 1MB of 4MB\r\x1b[2K");
});

Deno.test("system check --format gives JSON, or fills a template", async () => {
  const { code, stdout } = await run(command, engine([orphan]), ["--format", "json"]);
  assert.equal(code, 1);
  assert.deepEqual(JSON.parse(stdout), { Checked, Problems: [orphan] });
  const template = "{{range .Problems}}{{.Kind}} {{.Object}}{{end}}";
  assert.equal((await run(command, engine([orphan]), ["--format", template])).stdout, "layer-orphan layers/7\n");
});
