import assert from "node:assert/strict";
import type { ContainerSummary } from "../../base/docker/container.ts";
import { command } from "./ps.ts";
import { run } from "./run_test_support.ts";

const container = (parts: Partial<ContainerSummary>): ContainerSummary => ({
  Id: "4c01db0b339c8a1b2c3d4e5f60718293a4b5c6d7e8f9000102030405060708ff",
  Names: ["/loop"],
  Image: "ubuntu:22.04",
  ImageID: `sha256:1111db0b339c${"8".repeat(52)}`,
  Command: `sh -c 'while true; do "x"; done'`,
  Created: Math.trunc(Date.now() / 1000) - 7200,
  Ports: [],
  Labels: { "com.example.my-label": "v 1", a: "b" },
  State: "running",
  Status: "Up 2 hours",
  HostConfig: { NetworkMode: "default" },
  NetworkSettings: { Networks: { bridge: {} } },
  Mounts: [],
  ...parts,
});

const containers = [
  container({}),
  container({
    Id: "9".repeat(64),
    Names: ["/other/link", "/web"],
    Image: `docker.io/library/httpd:2@sha256:${"a".repeat(64)}`,
    Ports: [{ IP: "0.0.0.0", PrivatePort: 80, PublicPort: 8090, Type: "tcp" }],
    Command: "true",
    SizeRw: 12345,
    SizeRootFs: 123456789,
    Status: "Exited (137) 2 hours ago",
  }),
];

const ps = (...line: string[]) => run(command, { containers: { list: () => Promise.resolve(containers) } }, line);

// The goldens are what docker 28.2.2 printed for the same containers.
Deno.test("ps prints docker's table", async () => {
  assert.equal(
    (await ps()).stdout,
    `CONTAINER ID   IMAGE          COMMAND                  CREATED       STATUS                     PORTS                  NAMES
4c01db0b339c   ubuntu:22.04   "sh -c 'while true; …"   2 hours ago   Up 2 hours                                        loop
999999999999   httpd:2        "true"                   2 hours ago   Exited (137) 2 hours ago   0.0.0.0:8090->80/tcp   web
`,
  );
});

Deno.test("ps without containers prints the header", async () => {
  const result = await run(command, { containers: { list: () => Promise.resolve([]) } }, []);
  assert.equal(result.stdout, "CONTAINER ID   IMAGE     COMMAND   CREATED   STATUS    PORTS     NAMES\n");
});

for (
  const [line, stdout] of [
    [["-q"], "4c01db0b339c\n999999999999\n"],
    [["-q", "--no-trunc"], `${containers[0]?.Id}\n${containers[1]?.Id}\n`],
    [["--format", "{{.Names}}\\t{{.Size}}"], "loop\t0B\nweb\t12.3kB (virtual 123MB)\n"],
    [["--format", '{{.Label "a"}} {{.Labels}}'], "b a=b,com.example.my-label=v 1\n".repeat(2)],
    [
      ["--format", 'table {{.Names}}\\t{{upper .State}}\\t{{.Label "com.example.my-label"}}'],
      "NAMES     STATE     my label\nloop      RUNNING   v 1\nweb       RUNNING   v 1\n",
    ],
    [
      ["--no-trunc", "--format", "{{.Names}} {{.Command}}"],
      `loop "sh -c 'while true; do \\"x\\"; done'"\nother/link,web "true"\n`,
    ],
  ] as const
) Deno.test(`ps ${line.join(" ")}`, async () => assert.equal((await ps(...line)).stdout, stdout));

Deno.test("ps --format json prints one object for each container, methods left out", async () => {
  const [first, second, end] = (await ps("--format", "json")).stdout.split("\n").map((line) =>
    line && JSON.parse(line)
  );
  assert.deepEqual([first.ID, first.Names, second.Image, end], ["4c01db0b339c", "loop", "httpd:2", ""]);
  assert.deepEqual(Object.keys(first), Object.keys(first).sort());
  assert.equal("Label" in first, false);
});

Deno.test("ps --format with an unknown field fails in docker's words", async () => {
  await assert.rejects(ps("--format", "{{.Nope}}"), {
    message:
      'template parsing error: template: :1:2: executing "" at <.Nope>: can\'t evaluate field Nope in type container',
  });
});

for (
  const [line, expected] of [
    [[], { all: false, size: false, filters: {} }],
    [["-a", "-s"], { all: true, size: true, filters: {} }],
    [["-l"], { all: false, size: false, filters: {}, limit: 1 }],
    [["-n", "3"], { all: false, size: false, filters: {}, limit: 3 }],
    [["-f", "status=exited", "-f", "name=x"], {
      all: false,
      size: false,
      filters: { status: ["exited"], name: ["x"] },
    }],
    [["--format", "{{.Size}}"], { all: false, size: true, filters: {} }],
    [["--format", "{{json .}}"], { all: false, size: true, filters: {} }],
  ] as const
) {
  Deno.test(`ps ${line.join(" ")} asks the engine for no more than it shows`, async () => {
    let asked: unknown;
    await run(command, { containers: { list: (options) => (asked = options, Promise.resolve([])) } }, line);
    assert.deepEqual(asked, expected);
  });
}
