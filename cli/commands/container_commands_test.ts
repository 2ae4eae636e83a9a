import assert from "node:assert/strict";
import type { ContainerInspect, FileChange } from "../../base/docker/container.ts";
import { command as diff } from "./diff.ts";
import { command as port } from "./port.ts";
import { run } from "./run_test_support.ts";
import { command as top } from "./top.ts";
import { command as update } from "./update.ts";

Deno.test("diff prints a letter and a path for each change", async () => {
  const changes: FileChange[] = [{ Path: "/a", Kind: 0 }, { Path: "/b", Kind: 1 }, { Path: "/c", Kind: 2 }];
  const { stdout } = await run(diff, { containers: { changes: () => Promise.resolve(changes) } }, ["web"]);
  assert.equal(stdout, "C /a\nA /b\nD /c\n");
});

Deno.test("top aligns columns of at least 20, and passes on the options of ps", async () => {
  let asked: unknown;
  const result = { Titles: ["UID", "PID", "CMD"], Processes: [["root", "1", "sh -c x"]] };
  const containers = { top: (_: string, options?: string) => (asked = options, Promise.resolve(result)) };
  const { stdout } = await run(top, { containers }, ["web", "-o", "pid,cmd"]);
  assert.equal(stdout, `${"UID".padEnd(20)}${"PID".padEnd(20)}CMD\n${"root".padEnd(20)}${"1".padEnd(20)}sh -c x\n`);
  assert.equal(asked, "-o pid,cmd");
});

const Ports = {
  "443/tcp": [{ HostIp: "", HostPort: "10" }],
  "80/tcp": [{ HostIp: "0.0.0.0", HostPort: "8080" }, { HostIp: "::", HostPort: "8080" }],
  "81/tcp": null,
};
const containers = { inspect: () => Promise.resolve({ NetworkSettings: { Ports } } as unknown as ContainerInspect) };

Deno.test("port lists the published ports in the order of their numbers, or those of one", async () => {
  const all = "80/tcp -> 0.0.0.0:8080\n80/tcp -> [::]:8080\n443/tcp -> :10\n";
  assert.equal((await run(port, { containers }, ["web"])).stdout, all);
  assert.equal((await run(port, { containers }, ["web", "80"])).stdout, "0.0.0.0:8080\n[::]:8080\n");
});

for (
  const [wanted, message] of [
    ["81", "Error: No public port '81' published for web"],
    ["80/udp", "Error: No public port '80/udp' published for web"],
    ["x", "Error: invalid port (x)"],
    ["70000", "Error: invalid port (70000)"],
  ] as const
) {
  Deno.test(`port web ${wanted} fails in docker's words`, () =>
    assert.rejects(run(port, { containers }, ["web", wanted]), { message }));
}

Deno.test("update sends what was given and nothing else, and prints warnings last", async () => {
  let asked: unknown;
  const containers = {
    update: (_: string, changes: unknown) => (asked = changes, Promise.resolve({ Warnings: ["careful"] })),
  };
  const line = [
    "-m",
    "64m",
    "--memory-swap",
    "-1",
    "--cpus",
    "1.5",
    "--pids-limit=0",
    "--restart",
    "on-failure:3",
    "web",
  ];
  assert.equal((await run(update, { containers }, line)).stdout, "web\ncareful\n");
  assert.deepEqual(asked, {
    Memory: 67108864,
    MemorySwap: -1,
    NanoCpus: 1500000000,
    PidsLimit: 0,
    RestartPolicy: { Name: "on-failure", MaximumRetryCount: 3 },
  });
  await assert.rejects(run(update, { containers }, ["web"]), {
    message: "you must provide one or more flags when using this command",
  });
});
