import assert from "node:assert/strict";
import type { BenchResult } from "./result.ts";
import { markdownTable, textTable } from "./table.ts";

const result: BenchResult = {
  machine: "Linux 6.1",
  date: "2026-01-02",
  peers: [{ name: "sauropod", version: "(main.ts)" }, { name: "docker", version: "20.10" }],
  scale: 1,
  rows: [
    { title: "run", unit: "ms", better: "less", samples: { sauropod: [40, 50, 60], docker: [300] }, without: {} },
    { title: "start", unit: "per s", better: "more", samples: { sauropod: [5], docker: [10] }, without: {} },
    { title: "ps", unit: "ms", better: "less", samples: { sauropod: [9] }, without: { docker: "failed: no ps" } },
    {
      title: "bridge",
      unit: "ms",
      better: "less",
      samples: {},
      without: { sauropod: "no bridge", docker: "no bridge" },
    },
  ],
};

Deno.test("the table has medians with units, and how many times better we are", () => {
  assert.equal(
    markdownTable(result),
    `2026-01-02, Linux 6.1.${"  "}
Medians of sauropod (main.ts), docker 20.10; measured in turns.

|  | sauropod | docker | against docker |
|---|---:|---:|---:|
| run | 50.0 ms | 300 ms | 6.0 × |
| start | 5.00 per s | 10.0 per s | 0.5 × |
| ps | 9.00 ms | – | – |

–, docker: failed: no ps.${"  "}
–, bridge: no bridge.
`,
  );
});

Deno.test("figures from reduced counts say so", () => {
  assert.match(textTable({ ...result, scale: 10 }), /Counts divided by 10: .*not for comparing/);
  assert.doesNotMatch(textTable(result), /divided/);
});
