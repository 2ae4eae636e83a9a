import assert from "node:assert/strict";
import type { ContainerSummary } from "../../base/docker/container.ts";
import type { ImageSummary } from "../../base/docker/image.ts";
import type { NetworkInspect } from "../../base/docker/network.ts";
import type { VolumeInspect } from "../../base/docker/volume.ts";
import { command as pruneContainers } from "./container_prune.ts";
import { command as pruneImages } from "./image_prune.ts";
import { command as pruneNetworks } from "./network_prune.ts";
import { run } from "./run_test_support.ts";
import { command as pruneSystem } from "./system_prune.ts";

function container(Id: string, State: string, more: object): ContainerSummary {
  return {
    Id,
    State,
    Labels: {},
    Created: 1000,
    SizeRw: 500,
    NetworkSettings: { Networks: {} },
    Mounts: [],
    ...more,
  } as unknown as ContainerSummary;
}

const anonymous = { "com.docker.volume.anonymous": "" };
const volume = (Name: string, Labels: Record<string, string> | null) =>
  ({ Name, Labels, CreatedAt: "2026-01-02T03:04:05Z" }) as unknown as VolumeInspect;
const image = (Id: string, RepoTags: string[]) =>
  ({ Id, RepoTags, Size: 3000, SharedSize: 1000 }) as unknown as ImageSummary;

/** Only lists: a dry run that removes anything fails. */
const parts = {
  containers: {
    list: () =>
      Promise.resolve([
        container("runs", "running", {
          ImageID: "i1",
          NetworkSettings: { Networks: { used: {} } },
          Mounts: [{ Name: "v1" }],
        }),
        container("ended", "exited", {
          ImageID: "i2",
          NetworkSettings: { Networks: { freed: {} } },
          Mounts: [{ Name: "v2" }],
        }),
        container("kept", "exited", { ImageID: "i3", Labels: { keep: "" } }),
      ]),
  },
  networks: {
    list: () =>
      Promise.resolve(
        ["bridge", "host", "none", "used", "freed", "idle"].map((Name) =>
          ({ Name, Labels: {}, Created: "2026-01-02T03:04:05Z" }) as unknown as NetworkInspect
        ),
      ),
  },
  volumes: {
    list: () => Promise.resolve([volume("v1", anonymous), volume("v2", anonymous), volume("named", null)]),
    inspect: (name: string) => Promise.resolve({ ...volume(name, null), UsageData: { RefCount: 0, Size: 40 } }),
  },
  images: {
    list: () => Promise.resolve([image("i1", ["one:latest"]), image("i2", ["two:latest"]), image("i3", [])]),
  },
};

const rows = [
  {
    name: "container prune",
    command: pruneContainers,
    line: ["--filter", "label!=keep"],
    stdout: "Would delete Containers:\nended\n\nTotal reclaimable space: 500B\n",
  },
  {
    name: "container prune with a limit in time",
    command: pruneContainers,
    line: ["--filter", "until=500"],
    stdout: "Total reclaimable space: 0B\n",
  },
  { name: "network prune", command: pruneNetworks, line: [], stdout: "Would delete Networks:\nidle\n\n" },
  { name: "image prune -a", command: pruneImages, line: ["-a"], stdout: "Total reclaimable space: 0B\n" },
  {
    name: "system prune: what is free when the containers are gone, too",
    command: pruneSystem,
    line: ["-a", "--volumes", "--filter", "label!=keep"],
    stdout: "Would delete Containers:\nended\n\nWould delete Networks:\nfreed\nidle\n\n" +
      "Would delete Volumes:\nv2\n\nWould delete Images:\ntwo:latest\ni2\n\nTotal reclaimable space: 2.54kB\n",
  },
];
for (const { name, command, line, stdout } of rows) {
  Deno.test(`${name} --dry-run asks nothing, and only tells`, async () => {
    assert.deepEqual(await run(command, parts, ["--dry-run", ...line]), { code: 0, stdout, stderr: "" });
  });
}

Deno.test("system prune refuses a limit in time for volumes, as docker does", async () => {
  await assert.rejects(
    run(pruneSystem, parts, ["--volumes", "--filter", "until=1h"]),
    /The "until" filter is not supported with "--volumes"/,
  );
});
