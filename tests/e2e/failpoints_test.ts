/**
 * The engine fails, or is killed, at each step of what it does (base/failpoint.ts): an object is there or it is not, no
 * step leaves anything behind, and the next try gets through.
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
  traces,
} from "../support/crash.ts";
import { busyboxDockerArchive, busyboxRootTar, fixtureFolder, tarFolder } from "../support/fixtures.ts";
import { requires } from "../support/requires.ts";
import { Sandbox, until } from "../support/sandbox.ts";

/** One thing that is done, the steps in it, and how one sees that it was not done by halves. */
interface Deed {
  readonly name: string;
  readonly points: readonly string[];
  /** Steps after which it is done, and cannot fail any more: the engine may only be killed there. */
  readonly lastPoints?: readonly string[];
  /** What must be there before. */
  readonly prepare?: (box: Sandbox) => Promise<void>;
  readonly command: readonly string[] | ((box: Sandbox) => Promise<readonly string[]>);
  /** Right after the failure. */
  readonly after: (box: Sandbox, point: string, mode: "kill" | "error") => Promise<void>;
  /** Instead of the same command: what must work then. */
  readonly retry?: (box: Sandbox) => Promise<void>;
}

const create = ["create", "--name", "victim", "--network", "none", "busybox", "sh", "-c", "exec sleep 1000"];
const state = (box: Sandbox) => box.inspect("victim", "{{.State.Status}} {{.State.ExitCode}}");
const hasNetwork = async (box: Sandbox) => (await box.ok("network", "ls", "-q", "-f", "name=victims")) !== "";
const isThere = async (box: Sandbox) => (await box.sauropod(["inspect", "victim"])).code === 0;

async function images(box: Sandbox): Promise<string[]> {
  const all = (await box.ok("images", "--format", "{{.Repository}}")).split("\n");
  return all.filter((name) => name !== "host").sort();
}

async function withoutImages(box: Sandbox): Promise<void> {
  for (const name of await images(box)) await box.ok("rmi", name);
}

async function assertNoImages(box: Sandbox): Promise<void> {
  assert.deepEqual(await images(box), []);
  assert.equal(names(`${box.folder}/root/layers`).length, 2, "those of the image `host`");
  assert.deepEqual(names(`${box.folder}/root/skeletons`), []);
}

/** The image `own`, of a layer that no other has. */
async function withLayersOfItsOwn(box: Sandbox): Promise<void> {
  const folder = `${fixtureFolder()}/own-${crypto.randomUUID()}`;
  await Deno.mkdir(folder);
  await Deno.writeTextFile(`${folder}/unique`, folder);
  await tarFolder(folder, `${folder}.tar`);
  await box.ok("import", `${folder}.tar`, "own:latest");
}

const startPoints = ["row", "cgroup", "stdio", "spawned", "process", "connected"].map((step) => `start.${step}`);
const deeds: readonly Deed[] = [
  {
    name: "create",
    points: ["create.writable", "create.files", "create.row"],
    command: create,
    async after(box, point, mode) {
      assert.equal(await isThere(box), point === "create.row" && mode === "kill");
    },
    async retry(box) {
      if (!await isThere(box)) await box.ok(...create);
      await box.ok("start", "victim");
    },
  },
  {
    name: "start",
    points: startPoints,
    prepare: async (box) => void await box.ok(...create),
    command: ["start", "victim"],
    after: async (box, _point, mode) => assert.equal(await state(box), mode === "kill" ? "created 0" : "created 128"),
  },
  {
    name: "start in a network, with a published port",
    points: ["start.network", "start.published"],
    async prepare(box) {
      if (!await hasNetwork(box)) await box.ok("network", "create", "victims");
      await box.ok("create", "--name", "victim", "--network", "victims", "-p", "18099:80", "busybox", "sleep", "1000");
    },
    command: ["start", "victim"],
    after: async (box, _point, mode) => assert.equal(await state(box), mode === "kill" ? "created 0" : "created 128"),
  },
  {
    name: "network create",
    points: ["network.create.row", "network.create.bridge"],
    command: ["network", "create", "victims"],
    async after(box, point, mode) {
      const done = mode === "kill" && point === "network.create.bridge";
      assert.equal(await hasNetwork(box), done);
      if (done) await box.ok("network", "rm", "victims");
    },
    async retry(box) {
      await box.ok("network", "create", "victims");
      await box.ok("network", "rm", "victims");
    },
  },
  {
    name: "network rm",
    points: [],
    lastPoints: ["network.remove.row"],
    prepare: async (box) => void await box.ok("network", "create", "victims"),
    command: ["network", "rm", "victims"],
    after: async (box) => assert.equal(await hasNetwork(box), false),
    async retry(box) {
      await box.ok("network", "create", "victims");
      await box.ok("network", "rm", "victims");
    },
  },
  {
    name: "start at its last step",
    points: [],
    lastPoints: ["start.running"],
    prepare: async (box) => void await box.ok(...create),
    command: ["start", "victim"],
    after: async (box) => assert.equal(await state(box), "running 0"),
  },
  {
    name: "start again",
    points: ["start.row", "start.process"],
    async prepare(box) {
      await box.ok("create", "--name", "victim", "--network", "none", "busybox", "sh", "-c", "echo x >> /runs; exit 3");
      assert.equal((await box.sauropod(["start", "-a", "victim"])).code, 3);
    },
    command: ["start", "victim"],
    after: async (box, _point, mode) => assert.equal(await state(box), mode === "kill" ? "exited 3" : "exited 128"),
    async retry(box) {
      assert.equal((await box.sauropod(["start", "-a", "victim"])).code, 3);
    },
  },
  {
    name: "run --rm",
    points: ["start.cgroup", "start.connected"],
    command: ["run", "--rm", "--name", "victim", "--network", "none", "busybox", "true"],
    after: async (box) => await until("it is gone", async () => !await isThere(box)),
  },
  {
    name: "the end of a run",
    points: [],
    lastPoints: ["ended.settled", "ended.released"],
    command: ["run", "--name", "victim", "--network", "none", "busybox", "sh", "-c", "exit 7"],
    after: async (box) => assert.equal(await state(box), "exited 7"),
    async retry(box) {
      assert.equal((await box.sauropod(["start", "-a", "victim"])).code, 7);
    },
  },
  {
    name: "the end of a run --rm",
    points: [],
    lastPoints: ["ended.settled", "ended.released", "remove.marked", "remove.files", "remove.row"],
    command: ["run", "--rm", "--name", "victim", "--network", "none", "busybox", "true"],
    after: async (box) => assert.equal(await isThere(box), false),
  },
  {
    name: "a stop",
    points: [],
    lastPoints: ["ended.settled"],
    async prepare(box) {
      await box.ok(
        "run",
        "-d",
        "--name",
        "victim",
        "--network",
        "none",
        "--restart",
        "always",
        "busybox",
        "sleep",
        "1000",
      );
    },
    command: ["stop", "-t", "0", "victim"],
    after: async (box) => assert.equal(await state(box), "exited 137"),
    retry: async (box) => void await box.ok("start", "victim"),
  },
  {
    name: "rm",
    points: ["remove.marked", "remove.files", "remove.row"],
    prepare: async (box) => void await box.ok(...create),
    command: ["rm", "victim"],
    // One that was begun is ended: by the next try, or by the next engine.
    async after(box, _point, mode) {
      if (mode === "error") await box.ok("rm", "victim");
      assert.equal(await isThere(box), false);
    },
    retry: async (box) => void await box.ok(...create),
  },
  {
    name: "rm -f",
    points: [],
    lastPoints: ["ended.settled", "remove.marked", "remove.row"],
    async prepare(box) {
      await box.ok(...create);
      await box.ok("start", "victim");
    },
    command: ["rm", "-f", "victim"],
    async after(box) {
      if (await isThere(box)) {
        assert.equal(await state(box), "exited 137");
        await box.ok("rm", "victim");
      }
    },
    retry: async (box) => void await box.ok(...create),
  },
  {
    name: "exec",
    points: ["exec.stdio", "start.spawned", "exec.process"],
    async prepare(box) {
      await box.ok(...create);
      await box.ok("start", "victim");
    },
    command: ["exec", "victim", "true"],
    async after(box) {
      assert.equal(await state(box), "running 0");
      await until("only it runs", async () => (await box.ok("top", "victim")).split("\n").length === 2);
    },
  },
  {
    name: "import",
    points: ["layer.skeleton", "layer.folder", "import.layer", "import.image"],
    prepare: withoutImages,
    command: async () => ["import", await busyboxRootTar(), "another:latest"],
    after: assertNoImages,
  },
  {
    name: "load",
    points: ["load.unpacked", "load.layer", "load.image"],
    prepare: withoutImages,
    command: async () => ["load", "-q", "-i", await busyboxDockerArchive()],
    after: assertNoImages,
  },
  {
    name: "rmi of the last name",
    points: ["rmi.rows"],
    lastPoints: ["collect.rows"],
    prepare: withLayersOfItsOwn,
    command: ["rmi", "own"],
    after: async (box, point) => assert.equal((await images(box)).includes("own"), point === "rmi.rows"),
    retry: async (box) => void await box.sauropod(["rmi", "own"]),
  },
  {
    name: "image prune",
    points: ["rmi.rows"],
    lastPoints: ["collect.rows"],
    prepare: withLayersOfItsOwn,
    command: ["image", "prune", "-af"],
    after: async (box, point) => assert.equal((await images(box)).includes("own"), point === "rmi.rows"),
    async retry(box) {
      await box.ok("image", "prune", "-af");
      assert.deepEqual(await images(box), []);
      await box.ok("import", "-c", 'CMD ["sh"]', await busyboxRootTar(), "busybox:latest");
    },
  },
  {
    name: "system prune",
    points: [],
    lastPoints: ["collect.rows", "remove.marked", "remove.row", "volume.remove.row"],
    async prepare(box) {
      await withLayersOfItsOwn(box);
      await box.ok("create", "--name", "victim", "--network", "none", "-v", "/anonymous", "busybox", "true");
    },
    command: ["system", "prune", "-af", "--volumes"],
    async after(box) {
      await box.ok("system", "prune", "-af", "--volumes");
      assert.deepEqual([await images(box), await isThere(box), await box.ok("volume", "ls", "-q")], [[], false, ""]);
      await box.ok("import", "-c", 'CMD ["sh"]', await busyboxRootTar(), "busybox:latest");
    },
    retry: async () => {},
  },
  {
    name: "rmi",
    points: ["rmi.rows"],
    prepare: async (box) => void await box.ok("tag", "busybox", "another"),
    command: ["rmi", "another"],
    after: async (box) => assert.deepEqual(await images(box), ["another", "busybox"]),
    retry: async (box) => void await box.ok("rmi", "another"),
  },
];

async function failIn(box: Sandbox, deed: Deed, point: string, mode: FailMode): Promise<void> {
  await deed.prepare?.(box);
  const command = typeof deed.command === "function" ? await deed.command(box) : deed.command;
  await failAt(box, command, point, mode);
  await deed.after(box, point, mode);
  await assertStoreWhole(box);
  const known = await assertNoLeftovers(box);
  for (const id of known) {
    if ((await box.inspect(id, "{{.State.Running}}")) === "false") assert.deepEqual(traces(box, id), []);
  }
  if (deed.retry !== undefined) await deed.retry(box);
  else assert.equal((await box.sauropod(command)).code, 0, "the next try");
  if (await isThere(box)) await box.ok("rm", "-f", "victim");
}

for (const deed of deeds) {
  Deno.test({
    name: `${deed.name}: whole or not at all, wherever the engine fails or dies`,
    ...requires({ root: true, cgroup: "any", command: ["busybox", "umoci", "skopeo"] }),
    async fn(t) {
      await using box = await Sandbox.open();
      for (const point of [...deed.points, ...deed.lastPoints ?? []]) {
        for (const mode of deed.points.includes(point) ? ["error", "kill"] as const : ["kill"] as const) {
          if (!await t.step(`${point}: ${mode}`, () => failIn(box, deed, point, mode))) {
            console.error(engineLog(box));
            await box.sauropod(["rm", "-f", "victim"]);
          }
        }
      }
      assertNoBugs(box);
    },
  });
}
