import assert from "node:assert/strict";
import { command as commit } from "./commit.ts";
import { run } from "./run_test_support.ts";

const cases = [
  { line: ["box"], asked: ["box", { changes: [], pause: true }] },
  { line: ["-p=false", "box"], asked: ["box", { changes: [], pause: false }] },
  { line: ["--no-pause", "box"], asked: ["box", { changes: [], pause: false }] },
  {
    line: ["-a", "me", "-m", "why", "-c", "CMD sh", "--change", "ENV a=b", "box", "repo:1"],
    asked: ["box", { changes: ["CMD sh", "ENV a=b"], pause: true, reference: "repo:1", author: "me", comment: "why" }],
  },
  // The options end at the container, as docker has it.
  { line: ["box", "-p"], asked: ["box", { changes: [], pause: true, reference: "-p" }] },
] as const;
for (const { line, asked } of cases) {
  Deno.test(`commit ${line.join(" ")} tells the engine so, and prints the id`, async () => {
    let got: unknown;
    const containers = {
      commit(...args: unknown[]) {
        got = args;
        return Promise.resolve({ Id: "sha256:abc" });
      },
    };
    assert.deepEqual(await run(commit, { containers }, line), { code: 0, stdout: "sha256:abc\n", stderr: "" });
    assert.deepEqual(got, asked);
  });
}
