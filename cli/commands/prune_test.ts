import assert from "node:assert/strict";
import type { Filters } from "../../base/container_engine.ts";
import type { ImageDeleteItem } from "../../base/docker/image.ts";
import { command as pruneContainers } from "./container_prune.ts";
import { command as pruneImages } from "./image_prune.ts";
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

Deno.test("system prune says what it will remove, and sums up", async () => {
  const asking = await run(pruneSystem, engine(), ["-a", "--filter", "label=x"], { stdin: "n\n" });
  assert.equal(
    asking.stdout,
    `WARNING! This will remove:
  - all stopped containers
  - all images without at least one container associated to them

  Items to be pruned will be filtered with:
  - label=x

Are you sure you want to continue? [y/N] `,
  );
  assert.match((await run(pruneSystem, engine(), ["-f"])).stdout, /\n\nTotal reclaimed space: 1.236MB\n$/);
});

Deno.test("nothing removed: only the sum is printed", async () => {
  const containers = { prune: () => Promise.resolve({ ContainersDeleted: [], SpaceReclaimed: 0 }) };
  assert.equal((await run(pruneContainers, { containers }, ["-f"])).stdout, "Total reclaimed space: 0B\n");
});
