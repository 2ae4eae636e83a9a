/**
 * The engine fails, or is killed, at each step of what it does with volumes (base/failpoint.ts): a volume is there, whole,
 * or it is not; no folder is left that nobody knows; and the next try gets through.
 */
import assert from "node:assert/strict";
import {
  assertNoBugs,
  assertNoLeftovers,
  assertStoreWhole,
  engineLog,
  failAt,
  type FailMode,
  names,
} from "../support/crash.ts";
import { requires } from "../support/requires.ts";
import { Sandbox } from "../support/sandbox.ts";
import { volumeImage } from "../support/volume_image.ts";

/** One thing that is done, the steps in it, and how one sees that it was not done by halves. */
interface Deed {
  readonly name: string;
  readonly points: readonly string[];
  /** Steps after which it is done, and cannot fail any more: the engine may only be killed there. */
  readonly lastPoints?: readonly string[];
  readonly prepare?: (box: Sandbox) => Promise<void>;
  /** `$BOX` stands for the folder of the sandbox. */
  readonly command: readonly string[];
  /** Right after the failure. */
  readonly after: (box: Sandbox, point: string, mode: FailMode) => Promise<void>;
  /** Instead of the same command: what must work then. */
  readonly retry?: (box: Sandbox) => Promise<void>;
}

const run = ["run", "--rm", "--network", "none"];
const volumesOf = async (box: Sandbox) => (await box.ok("volume", "ls", "-q")).split("\n").filter(Boolean).sort();
const isThere = async (box: Sandbox) => (await box.sauropod(["container", "inspect", "victim"])).code === 0;

/** All that the image has at /data, and nothing else. */
async function assertWhole(box: Sandbox, name: string): Promise<void> {
  const data = `${box.folder}/root/volumes/${name}/_data`;
  assert.deepEqual(names(data).sort(), ["hello", "pipe", "sub", "tool"]);
  assert.deepEqual(names(`${data}/sub`).sort(), ["deep", "hello-again", "link"]);
  const { uid, gid, mode } = await Deno.stat(data);
  assert.deepEqual([uid, gid, (mode ?? 0) & 0o7777], [1000, 1001, 0o2770]);
}

async function assertEmpty(box: Sandbox, name: string): Promise<void> {
  assert.deepEqual(names(`${box.folder}/root/volumes/${name}/_data`), []);
  assert.deepEqual(await volumesOf(box), [name]);
}

async function exported(box: Sandbox): Promise<void> {
  await box.ok(...run, "-v", "old:/data", "filled", "true");
  await box.ok("volume", "export", "-o", `${box.folder}/tar`, "old");
  await box.ok("volume", "rm", "old");
}

async function imported(box: Sandbox): Promise<void> {
  await box.ok("volume", "import", "back", `${box.folder}/tar`);
  await assertWhole(box, "back");
}

const deeds: readonly Deed[] = [
  {
    name: "volume create",
    points: ["volume.staged", "volume.create.folder"],
    lastPoints: ["volume.create.row"],
    command: ["volume", "create", "made"],
    after: async (box, point) => assert.deepEqual(await volumesOf(box), point === "volume.create.row" ? ["made"] : []),
  },
  {
    name: "create with volumes that are made for it",
    points: [
      "volume.staged",
      "volume.create.folder",
      "volume.fill.copied",
      "create.volumes",
      "create.files",
      "create.row",
    ],
    command: ["create", "--name", "victim", "--network", "none", "-v", "named:/data", "-v", "/own", "filled", "true"],
    async after(box, point, mode) {
      const done = point === "create.row" && mode === "kill";
      assert.equal(await isThere(box), done);
      assert.equal((await volumesOf(box)).length, done ? 2 : 0);
      if (!done) return;
      await assertWhole(box, "named");
      await box.ok("rm", "-v", "victim");
      await box.ok("volume", "rm", "named");
    },
  },
  {
    name: "copying into a volume that is there",
    points: ["volume.fill.copied", "volume.fill.row", "volume.fill.child", "volume.fill.moved"],
    prepare: async (box) => void await box.ok("volume", "create", "kept"),
    command: ["create", "--name", "victim", "--network", "none", "-v", "kept:/data", "filled", "true"],
    async after(box, point, mode) {
      assert.equal(await isThere(box), false);
      if (point === "volume.fill.copied") await assertEmpty(box, "kept");
      else {
        if (mode === "error") await box.ok(...run, "-v", "kept:/x", "busybox", "true"); // whoever gets it gets it whole
        await assertWhole(box, "kept");
      }
    },
    async retry(box) {
      await box.ok(...run, "-v", "kept:/data", "filled", "true");
      await assertWhole(box, "kept");
    },
  },
  {
    name: "start with a volume",
    points: ["start.volumes", "start.process"],
    async prepare(box) {
      await box.ok("create", "--name", "victim", "--network", "none", "-v", "named:/data", "filled", "true");
    },
    command: ["start", "-a", "victim"],
    after: async (box) => await assertWhole(box, "named"),
  },
  {
    name: "rm -v",
    points: ["remove.marked", "remove.files", "remove.volumes", "remove.row"],
    lastPoints: ["remove.volume.row"],
    async prepare(box) {
      await box.ok("create", "--name", "victim", "--network", "none", "-v", "named:/n", "-v", "/own", "filled", "true");
    },
    command: ["rm", "-v", "victim"],
    async after(box, _point, mode) {
      if (mode === "error") await box.ok("rm", "-v", "victim");
      assert.equal(await isThere(box), false);
      assert.deepEqual(await volumesOf(box), ["named"]);
    },
    retry: async () => {},
  },
  {
    name: "run --rm",
    points: [],
    lastPoints: ["ended.settled", "remove.marked", "remove.volume.row", "remove.row"],
    command: [...run, "--name", "victim", "-v", "named:/n", "-v", "/own", "filled", "true"],
    async after(box) {
      assert.equal(await isThere(box), false);
      assert.deepEqual(await volumesOf(box), ["named"]);
    },
  },
  {
    name: "volume rm",
    points: [],
    lastPoints: ["volume.remove.row"],
    prepare: async (box) => void await box.ok("volume", "create", "gone"),
    command: ["volume", "rm", "gone"],
    after: async (box) => assert.deepEqual(await volumesOf(box), []),
    retry: async () => {},
  },
  {
    name: "volume prune",
    points: [],
    lastPoints: ["volume.remove.row"],
    async prepare(box) {
      for (const name of ["n1", "n2", "n3"]) await box.ok("volume", "create", name);
    },
    command: ["volume", "prune", "-af"],
    after: async (box) => assert.equal((await volumesOf(box)).length, 2),
  },
  {
    name: "volume rename",
    points: ["volume.rename.row", "volume.rename.folder"],
    prepare: async (box) => void await box.ok(...run, "-v", "old:/data", "filled", "true"),
    command: ["volume", "rename", "old", "new"],
    async after(box, _point, mode) {
      const name = mode === "kill" ? "new" : "old";
      assert.deepEqual(await volumesOf(box), [name]);
      await assertWhole(box, name);
    },
    retry: async (box) => void await box.ok("volume", "rename", (await volumesOf(box))[0] ?? "", "newer"),
  },
  {
    name: "volume import, into a new one",
    points: ["volume.import.unpacked"],
    prepare: exported,
    command: ["volume", "import", "back", "$BOX/tar"],
    after: async (box) => assert.deepEqual(await volumesOf(box), []),
    retry: imported,
  },
  {
    name: "volume import, into one that is there",
    points: ["volume.fill.copied", "volume.fill.row", "volume.fill.child"],
    async prepare(box) {
      await exported(box);
      await box.ok("volume", "create", "back");
    },
    command: ["volume", "import", "back", "$BOX/tar"],
    async after(box, point, mode) {
      assert.deepEqual(await volumesOf(box), ["back"]);
      if (point === "volume.fill.copied") return await assertEmpty(box, "back");
      if (mode === "error") await box.ok(...run, "-v", "back:/x", "busybox", "true");
      await assertWhole(box, "back");
      await box.ok("volume", "rm", "back");
    },
    retry: imported,
  },
  {
    name: "volume clone",
    points: ["volume.create.folder", "volume.clone.copied"],
    prepare: async (box) => void await box.ok(...run, "-v", "old:/data", "filled", "true"),
    command: ["volume", "clone", "old", "twin"],
    after: async (box) => assert.deepEqual(await volumesOf(box), ["old"]),
  },
];

async function failIn(box: Sandbox, deed: Deed, point: string, mode: FailMode): Promise<void> {
  await deed.prepare?.(box);
  const command = deed.command.map((word) => word.replace("$BOX", box.folder));
  await failAt(box, command, point, mode);
  await deed.after(box, point, mode);
  await assertStoreWhole(box);
  await assertNoOrphans(box);
  if (deed.retry !== undefined) await deed.retry(box);
  else assert.equal((await box.sauropod(command)).code, 0, "the next try");
  await tidy(box);
  await assertNoOrphans(box);
  assert.deepEqual(names(`${box.folder}/root/volumes`), []);
}

/** Every folder is that of a volume that is known, and has nothing in it but the data. */
async function assertNoOrphans(box: Sandbox): Promise<void> {
  await assertNoLeftovers(box);
  const folder = `${box.folder}/root/volumes`;
  assert.deepEqual(names(folder).sort(), await volumesOf(box));
  for (const name of names(folder)) assert.deepEqual(names(`${folder}/${name}`), ["_data"]);
}

async function tidy(box: Sandbox): Promise<void> {
  if (await isThere(box)) await box.ok("rm", "-fv", "victim");
  const volumes = await volumesOf(box);
  if (volumes.length > 0) await box.ok("volume", "rm", ...volumes);
}

for (const deed of deeds) {
  Deno.test({
    name: `${deed.name}: whole or not at all, wherever the engine fails or dies`,
    ...requires({ root: true, cgroup: "any", command: ["busybox", "setfattr"] }),
    async fn(t) {
      await using box = await Sandbox.open();
      await volumeImage(box, "filled");
      for (const point of [...deed.points, ...deed.lastPoints ?? []]) {
        for (const mode of deed.points.includes(point) ? ["error", "kill"] as const : ["kill"] as const) {
          if (!await t.step(`${point}: ${mode}`, () => failIn(box, deed, point, mode))) {
            console.error(engineLog(box));
            await tidy(box);
          }
        }
      }
      assertNoBugs(box);
    },
  });
}
