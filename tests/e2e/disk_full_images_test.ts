/** The disk is full while images come, or a volume is filled: a clear error at each stage, nothing half, and a way out. */
import assert from "node:assert/strict";
import { run } from "../support/command.ts";
import { assertNoBugs, clientOf, names, runDetached } from "../support/crash.ts";
import { busyboxRoot, fixtureFolder, skopeoCopy, tarFolder } from "../support/fixtures.ts";
import { TestRegistry } from "../support/registry.ts";
import { requires } from "../support/requires.ts";
import { Sandbox, until } from "../support/sandbox.ts";
import { SmallDisk } from "../support/small_disk.ts";

const needs = requires({
  root: true,
  cgroup: "any",
  command: ["busybox", "mount", "umount", "tar", "docker-registry", "skopeo", "umoci", "perl"],
});
const MIB = 1 << 20;
const NO_ROOM = /no space left on device|disk is full/i;

/** An OCI layout with an image of two layers: 4 MB that do not compress, and many small files; busybox is in the first. */
async function layout(): Promise<string> {
  const path = `${fixtureFolder()}/disk-full`;
  const image = `${path}:latest`;
  await run(["umoci", "init", "--layout", path]);
  await run(["umoci", "new", "--image", image]);
  const large = `${path}-large`;
  await run(["cp", "-a", await busyboxRoot(), large]);
  await Deno.mkdir(`${large}/data`);
  const noise = new Uint8Array(4 * MIB);
  for (let at = 0; at < noise.length; at += 65536) crypto.getRandomValues(noise.subarray(at, at + 65536));
  await Deno.writeFile(`${large}/data/noise`, noise);
  const small = `${path}-small`;
  await Deno.mkdir(small);
  for (let i = 0; i < 200; i++) await Deno.writeTextFile(`${small}/${i}`, "x".repeat(100));
  for (const folder of [large, small]) {
    await tarFolder(folder, `${folder}.tar`);
    await run(["umoci", "raw", "add-layer", "--image", image, `${folder}.tar`]);
  }
  return image;
}

let made: Promise<string> | undefined;
const image = () => made ??= layout();

interface Arrival {
  readonly name: string;
  /** Bytes that are left: for the database only, for a part of what comes, for that but not for what it unpacks to. */
  readonly stages: readonly number[];
  /** Gives the command that brings `full:1` in. */
  readonly begin: (stack: AsyncDisposableStack) => Promise<readonly string[]>;
}

const arrivals: readonly Arrival[] = [
  {
    name: "pull",
    stages: [0, 64 << 10, 3 * MIB, 7 * MIB],
    async begin(stack) {
      const server = stack.use(await TestRegistry.start());
      await server.put(`oci:${await image()}`, "full:1");
      return ["pull", "-q", `${server.host}/full:1`];
    },
  },
  {
    name: "load", // unpacked from where it lies: nothing comes before
    stages: [0, 64 << 10, 3 * MIB, 5 * MIB],
    async begin() {
      const path = `${fixtureFolder()}/disk-full.tar`;
      await skopeoCopy(`oci:${await image()}`, `docker-archive:${path}:full:1`);
      return ["load", "-q", "-i", path];
    },
  },
];

for (const { name, stages, begin } of arrivals) {
  Deno.test({
    name: `${name} on a full disk is refused with the reason at each stage, keeps nothing, and stop and rm work then`,
    ...needs,
    async fn() {
      await using stack = new AsyncDisposableStack();
      const command = await begin(stack);
      await using disk = await SmallDisk.open(40 * MIB);
      await using box = await Sandbox.open({ SAUROPOD_ROOT: `${disk.path}/root` });
      using _bugs = { [Symbol.dispose]: () => assertNoBugs(box) };
      const root = `${disk.path}/root`;
      const [pid, layers, skeletons] = [await box.enginePid(), names(`${root}/layers`), names(`${root}/skeletons`)];
      await using engine = clientOf(box);
      for (const left of stages) {
        const container = `beside-${left}`;
        await runDetached(engine, container, "trap 'exit 3' TERM; while :; do sleep 0.05; done");
        disk.fill(left);
        const { code, stderr } = await box.sauropod(command);
        assert.notEqual(code, 0, `with ${left} bytes`);
        assert.match(stderr, NO_ROOM, `with ${left} bytes`);
        await until("nothing is left", () => names(`${root}/staging`).length === 0);
        assert.deepEqual(names(`${root}/layers`).toSorted(), layers.toSorted());
        assert.deepEqual(names(`${root}/skeletons`).toSorted(), skeletons.toSorted());
        assert.doesNotMatch(await box.ok("images"), /full/);
        disk.fill();
        await box.ok("stop", container);
        assert.equal(await box.inspect(container, "{{.State.ExitCode}}"), "3");
        await box.ok("rm", container);
        disk.free();
      }
      await box.ok("system", "check", "--digests");
      await box.ok(...command);
      const loaded = (await box.ok("images", "--format", "{{.Repository}}:{{.Tag}}")).split("\n")
        .find((text) => text.endsWith("full:1")) ?? "";
      assert.equal(await box.ok("run", "--rm", "--network", "none", loaded, "cat", "/199"), "x".repeat(100));
      await box.ok("system", "check", "--digests");
      assert.equal(await box.enginePid(), pid);
    },
  });
}

Deno.test({
  name: "a volume that cannot be filled with what the image has is not made, says why, and works when there is room",
  ...needs,
  async fn() {
    await using disk = await SmallDisk.open(40 * MIB);
    await using box = await Sandbox.open({ SAUROPOD_ROOT: `${disk.path}/root` });
    using _bugs = { [Symbol.dispose]: () => assertNoBugs(box) };
    const archive = `${fixtureFolder()}/disk-full-volume.tar`;
    await skopeoCopy(`oci:${await image()}`, `docker-archive:${archive}:full:1`);
    await box.ok("load", "-q", "-i", archive);
    await box.ok("volume", "create", "kept");
    const volumes = () => box.ok("volume", "ls", "-q");
    const create = (volume: string) =>
      box.sauropod(["create", "--name", "victim", "--network", "none", "-v", `${volume}:/data`, "full:1", "true"]);
    for (const left of [0, 64 << 10, 2 * MIB]) {
      for (const volume of ["new", "kept"]) {
        disk.fill(left);
        const { code, stderr } = await create(volume);
        assert.notEqual(code, 0, `${volume} with ${left} bytes`);
        assert.match(stderr, NO_ROOM, `${volume} with ${left} bytes`);
        assert.match((await box.sauropod(["container", "inspect", "victim"])).stderr, /No such/);
        assert.equal(await volumes(), "kept");
        assert.deepEqual(names(`${disk.path}/root/volumes`), ["kept"]);
        assert.deepEqual(names(`${disk.path}/root/volumes/kept/_data`), []);
        await until("nothing is left", () => names(`${disk.path}/root/staging`).length === 0);
        disk.free();
      }
    }
    for (const volume of ["new", "kept"]) {
      assert.equal((await create(volume)).code, 0);
      assert.deepEqual(names(`${disk.path}/root/volumes/${volume}/_data`), ["noise"]);
      await box.ok("rm", "victim");
    }
    disk.fill();
    await box.ok("volume", "rm", "new", "kept");
    disk.free();
    await box.ok("system", "check");
  },
});
