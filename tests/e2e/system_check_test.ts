/** The check of the store: containers, volumes, networks, and what is left over. One fault of each kind is planted. */
import assert from "node:assert/strict";
import { bytes, names } from "../support/crash.ts";
import { SharedSandbox } from "../support/shared_sandbox.ts";
import {
  folder,
  moved,
  movedBack,
  net,
  NOBODY,
  type Plant,
  planted,
  Store,
  withFailpoint,
} from "./system_check_test_support.ts";

const sandbox = new SharedSandbox({ command: "busybox" });
const test = sandbox.test.bind(sandbox);

test("a store that is whole has no problems, with --digests neither, and the command says so", async (box) => {
  await Store.of(box);
  const line = "checked 1 image, 1 layer, 3 containers, 1 volume, 4 networks: no problems";
  assert.equal(await box.ok("system", "check"), line);
  assert.equal(await box.ok("system", "check", "--digests", "--repair"), line);
  assert.deepEqual(JSON.parse(await box.ok("system", "check", "--format", "json")).Problems, []);
});

const containers: readonly Plant[] = [
  {
    kind: "container-record",
    plant: (store) => store.sql("UPDATE containers SET record = '{' WHERE id = ?", store.id("made")),
    says: /the record of the container made cannot be read: /,
  },
  {
    kind: "container-record",
    how: "when the engine starts",
    async plant(store) {
      await store.box.ok("engine", "stop");
      store.sql("UPDATE containers SET record = '!' || record WHERE id = ?", store.id("made"));
      await store.box.ok("ps");
    },
    says: /the record of the container made cannot be read: /,
    async cure(store) {
      await store.box.ok("engine", "stop");
      store.sql("UPDATE containers SET record = substr(record, 2) WHERE id = ?", store.id("made"));
      await store.box.ok("ps");
    },
  },
  {
    kind: "container-row",
    plant: (store) => store.sql("DELETE FROM containers WHERE id = ?", store.id("ended")),
    says: /the container ended is not in the database/,
  },
  {
    kind: "container-orphan",
    plant: (store) => folder(store.path(`containers/${NOBODY}/upper`)),
    says: /the folder containers\/0+ is that of no container/,
  },
  {
    kind: "container-folder",
    how: "of one that has never run",
    plant: (store) => Deno.remove(store.home("made"), { recursive: true }),
    says: /the container made has lost containers\/.*\/upper, .*, but it has never run/,
    async after({ box }) {
      assert.equal((await box.sauropod(["start", "-a", "made"])).code, 0);
      await box.ok("rm", "made");
      await box.ok("create", "--name", "made", ...net, "busybox");
    },
  },
  {
    kind: "container-folder",
    how: "where nothing is kept",
    plant: (store) => Deno.remove(`${store.home("ended")}/work`, { recursive: true }),
    says: /the container ended has lost containers\/.*\/work, where nothing is kept/,
  },
  {
    kind: "container-folder",
    how: "with what it has written",
    plant: (store) => moved(store, `containers/${store.id("ended")}/upper`),
    says: /the container ended has lost .*\/upper: what it has written is gone/,
    cure: (store) => movedBack(store, `containers/${store.id("ended")}/upper`),
  },
  {
    kind: "container-log",
    plant: (store) => Deno.remove(`${store.home("ended")}/${store.id("ended")}-json.log`),
    says: /the log of the container ended is missing/,
    after: async ({ box }) => assert.equal(await box.ok("logs", "ended"), ""),
  },
  {
    kind: "container-log",
    how: "while it is written",
    async plant({ box }) {
      const id = await box.ok("run", "-d", "--name", "writes", ...net, "busybox", "sleep", "1000");
      await Deno.remove(`${box.folder}/root/containers/${id}/${id}-json.log`);
    },
    says: /the log of the container writes was removed while it runs: a restart makes a new one/,
    cure: async ({ box }) => void await box.ok("restart", "-t", "0", "writes"),
    after: async ({ box }) => void await box.ok("rm", "-f", "writes"),
  },
  {
    kind: "container-image",
    async plant({ box }) {
      await box.ok("rm", "ended", "made", "inside");
      await box.ok("create", "--name", "made", ...net, "busybox");
      await box.ok("rmi", "-f", "busybox");
    },
    says: /the container made needs the image sha256:.*, which is not there/,
    cure: (store) => store.loadAgain(),
  },
  {
    kind: "container-network",
    async plant({ box }) {
      await box.ok("create", "--name", "inside", "--network", "own", "busybox");
      await box.ok("network", "rm", "own");
    },
    says: /the container inside needs the network own, which is not there/,
    cure: async ({ box }) => void await box.ok("network", "create", "own"),
  },
  {
    kind: "container-volume",
    async plant(store) {
      await store.box.ok("create", "--name", "with", ...net, "-v", "lost:/l", "busybox");
      await store.box.ok("engine", "stop");
      store.sql("DELETE FROM volumes WHERE name = 'lost'");
      await store.box.ok("ps");
    },
    says: /the container with needs the volume lost, which is not there/,
    cure: async ({ box }) => void await box.ok("volume", "create", "lost"),
  },
  {
    kind: "container-removing",
    async plant({ box }) {
      await box.ok("create", "--name", "going", ...net, "busybox");
      await withFailpoint(box, "remove.marked:error", ["rm", "going"]);
    },
    says: /the removal of the container going was begun, and has not come to its end/,
    after: async ({ box }) => assert.doesNotMatch(await box.ok("ps", "-a"), /going/),
  },
];

const others: readonly Plant[] = [
  {
    kind: "run-orphan",
    how: "of a container",
    plant: ({ box }) => Deno.writeFile(`${box.folder}/run/containers/${NOBODY}`, new Uint8Array(8)),
    says: /the record containers\/0+ in the run folder is that of no container/,
  },
  {
    kind: "run-orphan",
    how: "of an exec",
    plant: ({ box }) => Deno.writeFile(`${box.folder}/run/execs/${NOBODY}`, new Uint8Array(8)),
    says: /the record execs\/0+ in the run folder is that of no container/,
  },
  {
    kind: "run-leftover",
    plant: async ({ box }) =>
      Deno.writeFileSync(`${box.folder}/run/containers/${await box.inspect("made", "{{.Id}}")}`, new Uint8Array(32)),
    says: /the container made does not run, and a record of its last run is still there/,
  },
  {
    kind: "volume-record",
    plant: (store) => store.sql("UPDATE volumes SET record = 'x' WHERE name = 'data'"),
    says: /the record of the volume data cannot be read/,
  },
  {
    kind: "volume-row",
    plant: (store) => store.sql("DELETE FROM volumes WHERE name = 'data'"),
    says: /the volume data is not in the database/,
    async after(store) {
      await store.box.killEngine();
      assert.match(await store.box.ok("volume", "ls"), /data/);
      assert.equal(await Deno.readTextFile(store.path("volumes/data/_data/x")), "x\n");
    },
  },
  {
    kind: "volume-folder",
    how: "with its files",
    plant: (store) => moved(store, "volumes/data/_data"),
    says: /the volume data has lost its folder volumes\/data\/_data: its files are gone/,
    cure: (store) => movedBack(store, "volumes/data/_data"),
  },
  {
    kind: "volume-folder",
    how: "of one that is a mount",
    async plant(store) {
      await store.box.ok("volume", "create", "-o", "type=tmpfs", "-o", "device=tmpfs", "memory");
      await Deno.remove(store.path("volumes/memory"), { recursive: true });
    },
    says: /the volume memory has lost .*, on which something else is mounted/,
    after: async ({ box }) => void await box.ok("run", "--rm", ...net, "-v", "memory:/m", "busybox", "touch", "/m/x"),
  },
  {
    kind: "volume-fill",
    how: "that nobody goes on with",
    plant: (store) => folder(store.path("volumes/data/_fill")),
    says: /volumes\/data\/_fill was left by something that was to fill the volume data/,
  },
  {
    kind: "volume-fill",
    how: "that is half moved in",
    async plant(store) {
      const tar = `${store.box.folder}/volume.tar`;
      await store.box.ok("volume", "export", "-o", tar, "data");
      await store.box.ok("volume", "create", "half");
      await withFailpoint(store.box, "volume.fill.row:error", ["volume", "import", "half", tar]);
    },
    says: /the volume half has got some of the files that it is to get, and not all/,
    after: async (store) => assert.equal(await Deno.readTextFile(store.path("volumes/half/_data/x")), "x\n"),
  },
  {
    kind: "volume-orphan",
    how: "that is empty",
    plant: (store) => folder(store.path("volumes/nothing/_data")),
    says: /the folder volumes\/nothing is that of no volume, and is empty/,
    after: (store) => assert.ok(!names(store.path("volumes")).includes("nothing")),
  },
  {
    kind: "volume-orphan",
    how: "with files in it",
    async plant(store) {
      await folder(store.path("volumes/found/_data"));
      await Deno.writeTextFile(store.path("volumes/found/_data/precious"), "p");
    },
    says: /the folder volumes\/found is that of no volume, and there are files in it/,
    after: async ({ box }) =>
      assert.equal(await box.ok("run", "--rm", ...net, "-v", "found:/f", "busybox", "cat", "/f/precious"), "p"),
  },
  {
    kind: "network-record",
    plant: (store) => store.sql("UPDATE networks SET record = '{' WHERE name = 'own'"),
    says: /the record of the network own cannot be read/,
  },
  {
    kind: "network-row",
    plant: (store) => store.sql("DELETE FROM networks WHERE name = 'own'"),
    says: /the network own is not in the database/,
  },
  {
    kind: "staging-leftover",
    plant: (store) => folder(store.path("staging/layer-900/etc")),
    says: /staging\/layer-900 was left by something that did not come to its end/,
  },
  {
    kind: "trash",
    plant: (store) => folder(store.path("staging/trash-left/a/b")),
    says: /staging\/trash-left was removed, and is still on the disk/,
    after: (store) => assert.ok(!names(store.path("staging")).includes("trash-left")),
  },
  {
    kind: "unreadable",
    plant: (store) => moved(store, "volumes"),
    says: /the volumes cannot be checked: /,
    cure: (store) => movedBack(store, "volumes"),
  },
];

for (const plant of [...containers, ...others]) planted(sandbox, plant);

test("what SQLite finds in its own file is told", async (box) => {
  const store = await Store.of(box);
  await box.ok("engine", "stop");
  const path = store.path("db.sqlite");
  const good = await Deno.readFile(path);
  // An index that is said to be one of another column.
  const [said, other] = [bytes("ON image_names (image)"), bytes("ON image_names (name) ")];
  const bad = good.slice();
  bad.set(other, good.findIndex((_, i) => said.every((byte, j) => good[i + j] === byte)));
  await Deno.writeFile(path, bad);
  const { code, stdout } = await box.sauropod(["system", "check"]);
  assert.match(stdout, /^database: the database is damaged, .*: .*image_names_by_image/m);
  assert.equal(code, 1);
  await box.ok("engine", "stop");
  await Deno.writeFile(path, good);
  assert.deepEqual(JSON.parse(await box.ok("system", "check", "--format", "json")).Problems, []);
});
