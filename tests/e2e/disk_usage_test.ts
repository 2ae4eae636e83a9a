/** What things take on the disk, and what a prune sets free: `du` is the witness, and a dry run is as good as its word. */
import assert from "node:assert/strict";
import type { ContainerSummary } from "../../base/docker/container.ts";
import type { ImageSummary } from "../../base/docker/image.ts";
import type { VolumeInspect } from "../../base/docker/volume.ts";
import { fileExists } from "../../base/file_exists.ts";
import { humanSize } from "../../base/units.ts";
import { run } from "../support/command.ts";
import { clientOf, names } from "../support/crash.ts";
import { findCommand } from "../support/machine.ts";
import { type Sandbox, until } from "../support/sandbox.ts";
import { SharedSandbox } from "../support/shared_sandbox.ts";

const sandbox = new SharedSandbox({ command: ["busybox", "du"] });

const net = ["--network", "none"];
/** 5000 bytes of two names, a file of a million with nothing in it, and a symlink, which counts for nothing. */
const writes = "mkdir d; head -c 5000 /dev/urandom > d/f; ln d/f g; truncate -s 1000000 sparse; ln -s g link";
const WRITTEN = 1_005_000;

/** The lengths of the regular files below some folders, each file once: what `du` has beside folders and links. */
async function du(...folders: string[]): Promise<number> {
  const there = folders.filter((folder) => names(folder).length > 0);
  if (there.length === 0) return 0;
  const all = Number((await run(["du", "-scb", ...there])).trim().split("\n").at(-1)?.split("\t")[0]);
  const others = (await run(["find", ...there, "!", "-type", "f", "-printf", "%s\n"])).split("\n").map(Number);
  return all - others.reduce((sum, size) => sum + size, 0);
}

interface Usage {
  readonly LayersSize: number;
  readonly LayersReclaimable: number;
  readonly Images: ImageSummary[];
  readonly Containers: ContainerSummary[];
  readonly Volumes: VolumeInspect[];
}

async function usage(box: Sandbox): Promise<Usage> {
  await using engine = clientOf(box);
  return await engine.system.diskUsage() as unknown as Usage;
}

/** All that is counted: layers, what containers have written, volumes. */
async function counted(box: Sandbox): Promise<number> {
  const root = `${box.folder}/root`;
  const uppers = names(`${root}/containers`).map((id) => `${root}/containers/${id}/upper`);
  return await du(`${root}/layers`, `${root}/volumes`, ...uppers);
}

/**
 * `first` and `twin` have one layer, `child` one more on it; `second` has one of its own. Of `child` and `second` there
 * are containers, of which `runs` runs; the volume `used` is that of `ended`, `free` is nobody's; `joined` is in a network.
 */
async function furnish(box: Sandbox): Promise<void> {
  await box.ok("run", "--name", "maker", ...net, "busybox", "sh", "-c", writes);
  await box.ok("commit", "maker", "first");
  await box.ok("commit", "-c", "LABEL twin=1", "maker", "twin");
  await box.ok("rm", "maker");
  await box.ok("run", "--name", "maker", ...net, "first", "sh", "-c", `head -c 700 /dev/urandom > child; rm g`);
  await box.ok("commit", "maker", "child");
  await box.ok("rm", "maker");
  const root = `${box.folder}/second`;
  await Deno.mkdir(`${root}/bin`, { recursive: true });
  await Deno.copyFile("/bin/busybox", `${root}/bin/sh`);
  await Deno.writeTextFile(`${root}/text`, "t".repeat(1234));
  await run(["tar", "-cf", `${root}.tar`, "-C", root, "."]);
  await box.ok("import", "-c", 'CMD ["sh"]', `${root}.tar`, "second");
  const script = (text: string) => ["sh", "-c", text];
  await box.ok("run", "-d", "--name", "runs", ...net, "child", ...script(`${writes}; echo done; exec sleep 1000`));
  await until("it has written", async () => await box.ok("logs", "runs") === "done");
  await box.ok(
    "run",
    "--name",
    "ended",
    ...net,
    "-v",
    "used:/v",
    "-v",
    "/own",
    "child",
    ...script(`cd /v; ${writes}; cp d/f /own`),
  );
  await box.ok("create", "--name", "made", ...net, "second");
  await box.ok("volume", "create", "free");
  await Deno.writeTextFile(`${box.folder}/root/volumes/free/_data/f`, "f".repeat(4321));
  for (const network of ["joined", "alone"]) await box.ok("network", "create", network);
  await box.ok("create", "--name", "in", "--network", "joined", "second");
}

async function clear(box: Sandbox): Promise<void> {
  const ids = (await box.ok("ps", "-aq")).split("\n").filter(Boolean);
  if (ids.length > 0) await box.ok("rm", "-fv", ...ids);
  await box.ok("volume", "prune", "-af");
  await box.ok("network", "prune", "-f");
  for (const name of ["child", "twin", "first", "second"]) await box.sauropod(["rmi", name]);
  await box.ok("image", "prune", "-f");
}

function test(name: string, fn: (box: Sandbox) => Promise<void>): void {
  sandbox.test(name, async (box) => {
    await furnish(box);
    try {
      await fn(box);
    } finally {
      await clear(box);
    }
  });
}

test("system df counts to the byte what du counts", async (box) => {
  const root = `${box.folder}/root`;
  const { LayersSize, Images, Containers, Volumes } = await usage(box);
  assert.equal(LayersSize, await du(`${root}/layers`));

  const named = new Map(Images.map((image) => [image.RepoTags[0]?.replace(":latest", "") ?? "", image]));
  const layersOf = async (name: string) => {
    const { UpperDir, LowerDir = "" } = JSON.parse(await box.inspect(name, "{{json .GraphDriver.Data}}"));
    return [UpperDir, ...LowerDir.split(":").filter(Boolean)];
  };
  for (const name of ["busybox", "first", "twin", "child", "second"]) {
    assert.equal(named.get(name)?.Size, await du(...await layersOf(name)), name);
  }
  const [base, first, second] = [named.get("busybox"), named.get("first"), named.get("second")];
  assert.ok(base !== undefined && first !== undefined && second !== undefined);
  assert.equal(first.Size, base.Size + WRITTEN);
  const shared = [...named].map(([name, { SharedSize, Size }]) => [name, Size - SharedSize]);
  assert.deepEqual(shared.sort(), [
    ["busybox", 0],
    ["child", 700],
    ["first", 0],
    ["host", 0],
    ["second", second.Size],
    ["twin", 0],
  ]);
  assert.equal(LayersSize, first.Size + 700 + second.Size);

  for (const { Id, SizeRw, Names } of Containers) {
    assert.equal(SizeRw, await du(`${root}/containers/${Id}/upper`), Names[0]);
  }
  assert.deepEqual(
    Containers.map(({ Names, SizeRw }) => [Names[0], SizeRw]).sort(),
    [["/ended", 0], ["/in", 0], ["/made", 0], ["/runs", WRITTEN]],
  );
  for (const { Name, UsageData } of Volumes) {
    assert.equal(UsageData?.Size, await du(`${root}/volumes/${Name}/_data`), Name);
  }
  const sizes = Volumes.map(({ UsageData }) => [UsageData?.RefCount, UsageData?.Size]).sort();
  assert.deepEqual(sizes, [[0, 4321], [1, WRITTEN], [1, 5000]]);
});

test("a commit makes a layer of the size that the container had; ps -s and inspect -s agree", async (box) => {
  const [, size] =
    /^(\S+) \(virtual (\S+)\)$/.exec(await box.ok("ps", "-s", "-f", "name=runs", "--format", "{{.Size}}")) ?? [];
  assert.equal(size, "1MB");
  await using engine = clientOf(box);
  const { SizeRw, SizeRootFs } = await engine.containers.inspect("runs", { size: true });
  const image = await engine.images.inspect("child");
  assert.deepEqual([SizeRw, SizeRootFs], [WRITTEN, image.Size + WRITTEN]);
  await box.ok("commit", "runs", "committed");
  assert.equal((await engine.images.inspect("committed")).Size, SizeRootFs);
  await box.ok("rmi", "committed");
});

test("system df -v has docker's columns, also in the words of docker's own commands", async (box) => {
  const [images = "", containers = "", volumes = ""] = (await box.ok("system", "df", "-v")).split(/^[^\n]*usage:\n\n/m)
    .slice(1);
  const header = (text: string) => text.split("\n")[0]?.split(/ {2,}/);
  assert.deepEqual(header(images), [
    "REPOSITORY",
    "TAG",
    "IMAGE ID",
    "CREATED",
    "SIZE",
    "SHARED SIZE",
    "UNIQUE SIZE",
    "CONTAINERS",
  ]);
  assert.deepEqual(header(containers), [
    "CONTAINER ID",
    "IMAGE",
    "COMMAND",
    "LOCAL VOLUMES",
    "SIZE",
    "CREATED",
    "STATUS",
    "NAMES",
  ]);
  assert.deepEqual(header(volumes), ["VOLUME NAME", "LINKS", "SIZE"]);
  const row = (text: string, word: string) =>
    text.split("\n").find((line) => line.includes(word))?.split(/ {2,}/) ?? [];
  const child = row(images, "child ");
  for (const cli of dockers()) {
    const { stdout } = await box.docker(["system", "df", "-v"], { cli });
    const theirs = row(stdout, "child ");
    assert.deepEqual([theirs[2], ...theirs.slice(5)], [child[2], ...child.slice(5)], cli);
    // Clients of old show a digit more, and look for the size under another name.
    assert.ok(Math.abs(parseFloat(theirs[4] ?? "") - parseFloat(child[4] ?? "")) < 0.01, `${cli}: ${theirs}`);
    assert.deepEqual(row(stdout, " runs").at(4), row(containers, " runs").at(4), cli);
    assert.deepEqual(row(stdout, "free "), row(volumes, "free "), cli);
    const short = (await box.docker(["system", "df"], { cli })).stdout.split("\n").map((line) => line.split(/ {2,}/));
    const own = (await box.ok("system", "df")).split("\n").map((line) => line.split(/ {2,}/));
    for (const at of [0, 2, 3]) assert.deepEqual(short[at], own[at], cli);
    assert.deepEqual(short[1]?.slice(0, 4), own[1]?.slice(0, 4), cli); // docker takes shared layers for reclaimable
  }
});

/** The one on the path, and Debian's. */
function dockers(): string[] {
  const found = [findCommand("docker"), "/usr/bin/docker"].filter((path) => path !== undefined);
  return [...new Set(found)].filter((path) => fileExists(path));
}

const prunes: readonly (readonly string[])[] = [
  ["container", "prune"],
  ["container", "prune", "--filter", "label=none"],
  ["network", "prune"],
  ["volume", "prune"],
  ["volume", "prune", "-a"],
  ["image", "prune"],
  ["image", "prune", "-a"],
  ["image", "prune", "-a", "--filter", "label=twin=1"],
  ["system", "prune"],
  ["system", "prune", "-a"],
  ["system", "prune", "-a", "--volumes"],
];
for (const command of prunes) {
  test(`${command.join(" ")}: a dry run lists what goes and how much, and so much is gone then`, async (box) => {
    await box.ok("rm", "in"); // and its network is free
    await box.ok("tag", "second", "child"); // what was called so is used, and has no name
    await box.ok("rm", "made");
    await box.ok("tag", "twin", "second"); // so has what was called second, and nobody uses it
    const before = await counted(box);
    const told = await box.ok(...command, "--dry-run");
    assert.equal(await counted(box), before, "the dry run has changed something");
    assert.equal(await box.ok(...command, "--dry-run"), told);
    const done = await box.ok(...command, "-f");
    assert.equal(done, told.replaceAll("Would delete", "Deleted").replace("reclaimable", "reclaimed"));
    const freed = before - await counted(box);
    const shown = /Total reclaimed space: (.*)/.exec(done)?.[1] ?? "0B";
    await using engine = clientOf(box);
    assert.equal(shown, humanSize(freed), done);
    assert.deepEqual((await engine.system.check({ digests: true })).Problems, []);
    assert.equal((await box.ok(...command, "--dry-run")).replace(/^Total reclaimable space: 0B$/, ""), "");
  });
}

test("RECLAIMABLE is what the prunes set free", async (box) => {
  const shown = async () =>
    (await box.ok("system", "df", "--format", "{{.Reclaimable}}")).split("\n").map((text) => text.replace(/ \(.*/, ""));
  const reclaimable = async (...command: string[]) =>
    /reclaimable space: (.*)/.exec(await box.ok(...command, "--dry-run"))?.[1];
  const [images, containers, volumes] = await shown();
  assert.equal(images, await reclaimable("image", "prune", "-a"));
  assert.equal(containers, await reclaimable("container", "prune"));
  assert.equal(volumes, await reclaimable("volume", "prune", "-a"));
  assert.notEqual(volumes, "0B");
});

test("images --tree shows each layer once, with the images that share it, and what all of them take", async (box) => {
  const lines = (await box.ok("images", "--tree")).split("\n");
  const cells = lines.map((line) => line.split(/ {2,}/));
  const { LayersSize, Images } = await usage(box);
  assert.deepEqual(cells[0], ["LAYER", "SIZE", "SHARED BY", "TOTAL", "IMAGES"]);
  assert.equal(lines.at(-1)?.split(", and ")[0], `${Images.length} images, 4 layers: ${humanSize(LayersSize, 3)}`);
  const line = (name: string) => lines.findIndex((text) => text.endsWith(name));
  assert.match(lines[line("busybox:latest")] ?? "", /^[├└]─ [0-9a-f]{12} +[\d.]+MB +4 images /);
  assert.match(lines[line("child:latest")] ?? "", /^[│ ] {5}└─ [0-9a-f]{12} +700B +[\d.]+MB +child:latest$/);
  const above = lines.slice(line("busybox:latest") + 1, line("child:latest")).join("\n");
  assert.match(
    above,
    /^[│ ] {2}└─ [0-9a-f]{12} +1MB +3 images +[\d.]+MB +(first|twin):latest\n[│ ] .*(first|twin):latest$/,
  );
  const { code, stderr } = await box.sauropod(["images", "--tree", "--format", "json"]);
  assert.deepEqual([code, stderr], [1, "conflicting options: cannot specify both --tree and --format\n"]);
});
