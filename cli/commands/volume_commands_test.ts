import assert from "node:assert/strict";
import type { VolumeCreate, VolumeInspect } from "../../base/docker/volume.ts";
import { conflict } from "../../base/errors.ts";
import { run } from "./run_test_support.ts";
import { command as create } from "./volume_create.ts";
import { command as inspect } from "./volume_inspect.ts";
import { command as ls } from "./volume_ls.ts";
import { command as prune } from "./volume_prune.ts";
import { command as rm } from "./volume_rm.ts";

function volume(Name: string, Labels: Record<string, string> | null = null): VolumeInspect {
  const fixed = { CreatedAt: "2026-01-02T03:04:05Z", Driver: "local", Options: null, Scope: "local" } as const;
  return { ...fixed, Name, Labels, Mountpoint: `/var/lib/docker/volumes/${Name}/_data` };
}

const found = [volume("web10"), volume("web2", { b: "2", a: "" })];
const list = (...line: string[]) => run(ls, { volumes: { list: () => Promise.resolve([...found]) } }, line);

// The goldens are what docker 28.2.2 prints for such volumes.
for (
  const [line, stdout] of [
    [[], "DRIVER    VOLUME NAME\nlocal     web2\nlocal     web10\n"],
    [["-q"], "web2\nweb10\n"],
    [["-q", "--format", "raw"], "name: web2\nname: web10\n"],
    [["--format", "raw"], "name: web2\ndriver: local\n\nname: web10\ndriver: local\n\n"],
    [
      ["--format", '{{.Name}}:{{.Labels}}:{{.Label "b"}}:{{.Size}}:{{.Links}}'],
      "web2:a=,b=2:2:N/A:N/A\nweb10:::N/A:N/A\n",
    ],
  ] as const
) {
  Deno.test(`volume ls ${line.join(" ")}`, async () => assert.equal((await list(...line)).stdout, stdout));
}

Deno.test("volume ls --format json gives docker's fields", async () => {
  const [first = ""] = (await list("--format", "json")).stdout.split("\n");
  assert.deepEqual(JSON.parse(first), {
    Availability: "N/A",
    Driver: "local",
    Group: "N/A",
    Labels: "a=,b=2",
    Links: "N/A",
    Mountpoint: "/var/lib/docker/volumes/web2/_data",
    Name: "web2",
    Scope: "local",
    Size: "N/A",
    Status: "N/A",
  });
});

Deno.test("volume create hands on driver, options and labels, and prints the name", async () => {
  const asked: VolumeCreate[] = [];
  const volumes = {
    create: (config: VolumeCreate) => (asked.push(config), Promise.resolve(volume(config.Name || "made"))),
  };
  const line = ["-o", "type=tmpfs", "--opt", "o=size=1m,uid=1", "-o", "device=tmpfs", "--label", "a=b", "data"];
  assert.equal((await run(create, { volumes }, line)).stdout, "data\n");
  assert.equal((await run(create, { volumes }, [])).stdout, "made\n");
  assert.deepEqual(asked, [
    {
      Name: "data",
      Driver: "local",
      DriverOpts: { type: "tmpfs", o: "size=1m,uid=1", device: "tmpfs" },
      Labels: { a: "b" },
    },
    { Name: "", Driver: "local", DriverOpts: {}, Labels: {} },
  ]);
  await assert.rejects(run(create, { volumes }, ["--name", "x1", "x2"]), /cannot specify a volume name through both/);
});

Deno.test("volume inspect asks for the size, too", async () => {
  const volumes = {
    inspect: (name: string, options?: { size?: boolean }) =>
      Promise.resolve({ ...volume(name), ...options?.size && { UsageData: { RefCount: 0, Size: 5 } } }),
  };
  assert.equal((await run(inspect, { volumes }, ["-f", "{{.Name}} {{.UsageData.Size}}", "data"])).stdout, "data 5\n");
});

Deno.test("volume rm goes on after a failure", async () => {
  const remove = (name: string) => name === "used" ? Promise.reject(conflict("in use")) : Promise.resolve();
  const { code, stdout, stderr } = await run(rm, { volumes: { remove } }, ["a1", "used", "a2"]);
  assert.deepEqual([code, stdout], [1, "a1\na2\n"]);
  assert.match(stderr, /in use/);
});

Deno.test("volume prune asks; with --dry-run it only tells", async () => {
  const asked: unknown[] = [];
  const volumes = {
    prune: (
      ...args: unknown[]
    ) => (asked.push(args), Promise.resolve({ VolumesDeleted: ["x1"], SpaceReclaimed: 1500 })),
  };
  const question = "WARNING! This will remove anonymous local volumes not used by at least one container.\n" +
    "Are you sure you want to continue? [y/N] ";
  assert.equal((await run(prune, { volumes }, [], { stdin: "n\n" })).stdout, question);
  assert.deepEqual(asked, []);
  assert.equal(
    (await run(prune, { volumes }, ["-af"])).stdout,
    "Deleted Volumes:\nx1\n\nTotal reclaimed space: 1.5kB\n",
  );
  assert.equal(
    (await run(prune, { volumes }, ["--dry-run", "--filter", "label=a"])).stdout,
    "Would delete Volumes:\nx1\n\nTotal reclaimable space: 1.5kB\n",
  );
  assert.deepEqual(asked, [[{ all: ["true"] }, { dryRun: false }], [{ label: ["a"] }, { dryRun: true }]]);
});
