import assert from "node:assert/strict";
import type { Filters, PruneOptions } from "../../base/container_engine.ts";
import type { ImageDeleteItem } from "../../base/docker/image.ts";
import { command as pruneContainers } from "./container_prune.ts";
import { command as pruneImages } from "./image_prune.ts";
import { command as pruneNetworks } from "./network_prune.ts";
import { run } from "./run_test_support.ts";
import { command as pruneSystem } from "./system_prune.ts";

function engine() {
  const asked: (Filters | undefined)[] = [];
  const ImagesDeleted: ImageDeleteItem[] = [{ Untagged: "a:1" }, { Deleted: "sha256:xx" }];
  return {
    asked,
    containers: {
      prune: (filters?: Filters) => {
        asked.push(filters);
        return Promise.resolve({ ContainersDeleted: ["abc", "def"], SpaceReclaimed: 1234567 });
      },
    },
    networks: {
      prune: (filters?: Filters) => {
        asked.push(filters);
        return Promise.resolve({ NetworksDeleted: ["front", "back"] });
      },
    },
    images: {
      prune: (filters?: Filters) => {
        asked.push(filters);
        return Promise.resolve({ ImagesDeleted, SpaceReclaimed: 1000 });
      },
    },
  };
}

Deno.test("container prune asks, and does nothing unless the answer is y", async () => {
  const parts = engine();
  const question = "WARNING! This will remove all stopped containers.\nAre you sure you want to continue? [y/N] ";
  for (const stdin of ["n\n", "\n", "", "yes\n"]) {
    assert.deepEqual(await run(pruneContainers, parts, [], { stdin }), { code: 0, stdout: question, stderr: "" });
  }
  assert.deepEqual(parts.asked, []);
  const done = "Deleted Containers:\nabc\ndef\n\nTotal reclaimed space: 1.235MB\n";
  assert.equal((await run(pruneContainers, parts, [], { stdin: "Y\n" })).stdout, question + done);
  assert.equal((await run(pruneContainers, parts, ["-f", "--filter", "until=1h"])).stdout, done);
  assert.deepEqual(parts.asked, [{}, { until: ["1h"] }]);
});

Deno.test("image prune removes nameless images, with -a all that are unused", async () => {
  const parts = engine();
  const { stdout } = await run(pruneImages, parts, ["-f"]);
  assert.equal(stdout, "Deleted Images:\nuntagged: a:1\ndeleted: sha256:xx\n\nTotal reclaimed space: 1kB\n");
  await run(pruneImages, parts, ["-af"]);
  assert.deepEqual(parts.asked, [{ dangling: ["true"] }, { dangling: ["false"] }]);
});

Deno.test("network prune asks, and frees no space to speak of", async () => {
  const parts = engine();
  const asking = await run(pruneNetworks, parts, [], { stdin: "n\n" });
  assert.equal(
    asking.stdout,
    "WARNING! This will remove all custom networks not used by at least one container.\n" +
      "Are you sure you want to continue? [y/N] ",
  );
  const { stdout } = await run(pruneNetworks, parts, ["-f", "--filter", "until=24h", "--filter", "label!=x"]);
  assert.equal(stdout, "Deleted Networks:\nfront\nback\n\n");
  assert.deepEqual(parts.asked, [{ until: ["24h"], "label!": ["x"] }]);
  const networks = { prune: () => Promise.resolve({ NetworksDeleted: [] }) };
  assert.equal((await run(pruneNetworks, { networks }, ["-f"])).stdout, "");
});

Deno.test("system prune says what it will remove, and sums up", async () => {
  const asking = await run(pruneSystem, engine(), ["-a", "--filter", "label=x"], { stdin: "n\n" });
  assert.equal(
    asking.stdout,
    `WARNING! This will remove:
  - all stopped containers
  - all networks not used by at least one container
  - all images without at least one container associated to them

  Items to be pruned will be filtered with:
  - label=x

Are you sure you want to continue? [y/N] `,
  );
  assert.equal(
    (await run(pruneSystem, engine(), ["-f"])).stdout,
    `Deleted Containers:
abc
def

Deleted Networks:
front
back

Deleted Images:
untagged: a:1
deleted: sha256:xx

Total reclaimed space: 1.236MB
`,
  );
});

const dryRuns = [
  { name: "container prune", command: pruneContainers, stdout: "Would delete Containers:\nabc\n\n" },
  { name: "network prune", command: pruneNetworks, stdout: "Would delete Networks:\nfront\n\n" },
  { name: "image prune", command: pruneImages, stdout: "Would delete Images:\nuntagged: a:1\ndeleted: sha256:xx\n\n" },
  {
    name: "system prune",
    command: pruneSystem,
    line: ["--volumes", "--filter", "label=x"],
    stdout: "Would delete Containers:\nabc\n\nWould delete Networks:\nfront\n\nWould delete Volumes:\ndata\n\n" +
      "Would delete Images:\nuntagged: a:1\ndeleted: sha256:xx\n\n",
  },
];
for (const { name, command, line = [], stdout } of dryRuns) {
  Deno.test(`${name} --dry-run asks nothing, and lets the engine tell what would go`, async () => {
    const asked: [Filters | undefined, PruneOptions | undefined][] = [];
    const answering = <T extends object>(answer: T) => ({
      prune: (filters?: Filters, options?: PruneOptions) => {
        asked.push([filters, options]);
        return Promise.resolve({ ...answer, SpaceReclaimed: 500 });
      },
    });
    const ImagesDeleted: ImageDeleteItem[] = [{ Untagged: "a:1" }, { Deleted: "sha256:xx" }];
    const parts = {
      containers: answering({ ContainersDeleted: ["abc"] }),
      networks: answering({ NetworksDeleted: ["front"] }),
      volumes: answering({ VolumesDeleted: ["data"] }),
      images: answering({ ImagesDeleted }),
    };
    const result = await run(command, parts, ["--dry-run", ...line]);
    const sizes = asked.length > 1 ? "1.5kB" : "500B";
    const sum = name === "network prune" ? "" : `Total reclaimable space: ${sizes}\n`;
    assert.deepEqual(result, { code: 0, stdout: stdout + sum, stderr: "" });
    assert.ok(asked.every(([, options]) => options?.dryRun === true));
    // What comes after the containers is told as if they were gone.
    for (const [, options] of asked.slice(1)) assert.deepEqual(options?.without, ["abc"]);
  });
}

Deno.test("system prune refuses a limit in time for volumes, as docker does", async () => {
  await assert.rejects(
    run(pruneSystem, engine(), ["--volumes", "--filter", "until=1h"]),
    /The "until" filter is not supported with "--volumes"/,
  );
});

Deno.test("nothing removed: only the sum is printed", async () => {
  const containers = { prune: () => Promise.resolve({ ContainersDeleted: [], SpaceReclaimed: 0 }) };
  assert.equal((await run(pruneContainers, { containers }, ["-f"])).stdout, "Total reclaimed space: 0B\n");
});
