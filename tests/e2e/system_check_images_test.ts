/** The check of the store: images and layers. One fault of each kind is planted, and one byte flipped. */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { names } from "../support/crash.ts";
import { SharedSandbox } from "../support/shared_sandbox.ts";
import { flipByte, folder, net, NOBODY, type Plant, planted, Store } from "./system_check_test_support.ts";

const sandbox = new SharedSandbox({ command: "busybox" });

const images: readonly Plant[] = [
  {
    kind: "image-config",
    plant: (store) => store.sql("UPDATE images SET config = CAST(replace(config, 'linux', 'Linux') AS BLOB)"),
    says: /configuration of the image .* is damaged: its digest is .*: pull, load or import again: busybox:latest/,
    cure: (store) => store.loadAgain(),
  },
  {
    kind: "image-layers",
    how: "a layer is not noted",
    plant: (store) => store.sql("DELETE FROM image_layers WHERE image = ?", store.id("image")),
    says: /other layers are noted for the image .* than its configuration names/,
    after: async ({ box }) => assert.equal(await box.ok("run", "--rm", ...net, "busybox", "echo", "whole"), "whole"),
  },
  {
    kind: "image-layers",
    how: "a layer is not known",
    plant: (store) => store.sql("DELETE FROM layers WHERE diff_id = ?", store.id("layer")),
    says: /the image sha256:.* lacks the layers sha256:.*: pull, load or import again: busybox:latest/,
    // They may be just what is missing: nobody touches them as long as it is.
    also: ["layer-orphan", "skeleton-orphan"],
    async cure(store) {
      const { code, stderr } = await store.box.sauropod(["run", "--rm", ...net, "busybox", "true"]);
      assert.equal(code, 125);
      assert.match(stderr, /the image busybox has lost layers: pull or load it again/);
      await store.loadAgain();
      const { Problems } = await store.check({ repair: true });
      assert.deepEqual(Problems.map(({ Kind, Repaired }) => [Kind, Repaired]), [
        ["layer-orphan", true],
        ["skeleton-orphan", true],
      ]);
    },
  },
  {
    kind: "image-name",
    how: "of an image that is not there",
    plant: (store) => store.sql("INSERT INTO image_names VALUES ('docker.io/library/ghost:1', ?)", `sha256:${NOBODY}`),
    says: /the name docker\.io\/library\/ghost:1 points to the image .*, which is not there/,
  },
  {
    kind: "image-name",
    how: "that is none",
    plant: (store) => store.sql("INSERT INTO image_names VALUES ('No Name!', ?)", store.id("image")),
    says: /"No Name!" is no name of an image/,
    after: async ({ box }) => assert.match(await box.ok("images"), /busybox/),
  },
  {
    kind: "image-parent",
    plant: (store) => store.sql("UPDATE images SET parent = ? WHERE id = ?", `sha256:${NOBODY}`, store.id("image")),
    says: /noted as built on the image .*, which is not there/,
  },
  {
    kind: "layer-blob",
    plant: (store) =>
      store.sql("INSERT INTO layer_blobs VALUES (?, 'sha256:x', 1, 'tar', 'docker.io/library/ghost')", NOBODY),
    says: /what docker\.io\/library\/ghost has the layer .*, which is not there/,
  },
  {
    kind: "layer-missing",
    plant: (store) => Deno.remove(store.path(`layers/${store.layer()}`), { recursive: true }),
    says: /the layer sha256:.* has lost its folder layers\/\d+: pull, load or import again: busybox:latest/,
    async cure(store) {
      await store.loadAgain();
      assert.equal(await store.box.ok("run", "--rm", ...net, "busybox", "echo", "whole"), "whole");
    },
  },
  {
    kind: "layer-skeleton",
    plant: (store) => Deno.remove(store.path(`skeletons/${store.layer()}`)),
    says: /has lost skeletons\/\d+, without which it can be neither saved nor pushed: pull, load or import again/,
    cure: (store) => store.loadAgain(),
  },
  {
    kind: "layer-damaged",
    plant: (store) => flipByte(store.path(`layers/${store.layer()}/etc/group`)),
    says: /the layer sha256:.* was changed on the disk: it is sha256:.*: pull, load or import again: busybox:latest/,
    digests: true,
    async cure(store) {
      // It is noted: a check that reads nothing tells of it too, and the load does not take it for there.
      assert.deepEqual((await store.check()).Problems.map(({ Kind }) => Kind), ["layer-damaged"]);
      await store.loadAgain();
    },
  },
  {
    kind: "layer-orphan",
    plant: (store) => folder(store.path("layers/700/etc")),
    says: /layers\/700 belongs to no layer that is known/,
  },
  {
    kind: "skeleton-orphan",
    plant: (store) => Deno.writeTextFile(store.path("skeletons/701"), "x"),
    says: /skeletons\/701 belongs to no layer that is known/,
  },
  {
    kind: "layer-unused",
    async plant(store) {
      await folder(store.path("layers/702"));
      await Deno.writeTextFile(store.path("skeletons/702"), "");
      store.sql("INSERT INTO layers VALUES (?, '702', 0, 0, 0)", `sha256:${NOBODY}`);
    },
    says: /no image has the layer sha256:0+$/,
    after: (store) => assert.ok(!names(store.path("layers")).includes("702")),
  },
  {
    kind: "layer-made",
    async plant(store) {
      using database = new DatabaseSync(store.path("db.sqlite"));
      const { name } = database.prepare("SELECT name FROM made_layers ORDER BY length(content) DESC").get() ?? {};
      await Deno.remove(store.path(`layers/${name}`), { recursive: true });
    },
    says: /the folder layers\/\d+ is missing, which the engine has made for itself/,
    after: async ({ box }) =>
      assert.equal(
        await box.ok("run", "--rm", ...net, "host", "sh", "-c", `ls ${box.folder}/root 2> /dev/null || echo hidden`),
        "hidden",
      ),
  },
];

for (const plant of images) planted(sandbox, plant);

sandbox.test("a layer that is damaged under a container that runs is brought in again only when that has stopped", async (box) => {
  const store = await Store.of(box);
  await box.ok("run", "-d", "--name", "runs", ...net, "busybox", "sleep", "1000");
  flipByte(store.path(`layers/${store.layer()}/etc/group`));
  assert.deepEqual((await store.check({ digests: true })).Problems.map(({ Kind }) => Kind), ["layer-damaged"]);
  const { code, stderr } = await box.sauropod(["load", "-q", "-i", `${box.folder}/busybox.tar`]);
  assert.equal(code, 1);
  assert.match(stderr, /is damaged, and containers run on it: stop runs, and try again/);
  assert.equal(await box.ok("exec", "runs", "echo", "untouched"), "untouched");
  await box.ok("rm", "-f", "runs");
  await store.loadAgain();
  assert.deepEqual((await store.check({ digests: true })).Problems, []);
});
