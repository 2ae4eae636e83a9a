/** What a prune of images takes, and what a dry run of it tells. */
import assert from "node:assert/strict";
import type { ImagePruneResult } from "../../base/docker/image.ts";
import { tarEntry } from "../../base/tar/entry.ts";
import { writeTar } from "../../base/tar/writer.ts";
import { requires } from "../support/requires.ts";
import { collected, contents, type TestStore, testStore } from "./image_store_test_support.ts";

const needs = requires({ root: true });

/** Imports an image of one file of so many bytes; its id. */
async function imported({ store }: TestStore, reference: string, size: number): Promise<string> {
  const content = [new Uint8Array(size).fill(size)];
  const tar = ReadableStream.from(writeTar([{ entry: tarEntry({ name: "file", size, modified: 0n }), content }]));
  return (await collected(store.import(tar, { reference }))).at(-1)?.status ?? "";
}

const ids = ({ ImagesDeleted }: ImagePruneResult) =>
  ImagesDeleted.flatMap((item) => "Deleted" in item ? [item.Deleted] : []);

Deno.test({
  name: "an image that has lost its tag goes, though it still has the digest that it was pulled by",
  ...needs,
  async fn() {
    await using test = testStore();
    const { store, database } = test;
    const old = await imported(test, "app:1", 10);
    const name = `docker.io/library/app@sha256:${"d".repeat(64)}`;
    database.prepare("INSERT INTO image_names (name, image) VALUES (?, ?)").run(name, old);
    assert.deepEqual(await store.prune(), { ImagesDeleted: [], SpaceReclaimed: 0 });
    await imported(test, "app:1", 20);
    assert.deepEqual((await store.list({ filters: { dangling: ["true"] } })).map(({ Id }) => Id), [old]);
    const pruned = await store.prune({}, { dryRun: true });
    assert.deepEqual(await store.prune(), pruned);
    assert.deepEqual(pruned.ImagesDeleted.slice(0, 2), [
      { Untagged: `app@sha256:${"d".repeat(64)}` },
      { Deleted: old },
    ]);
    assert.equal(pruned.SpaceReclaimed, 10);
  },
});

Deno.test({
  name: "what an image was built on goes with it, when nobody uses either",
  ...needs,
  async fn() {
    await using test = testStore();
    const { store, database } = test;
    const [base, child] = [await imported(test, "base", 10), await imported(test, "child", 20)];
    database.prepare("UPDATE images SET parent = ? WHERE id = ?").run(base, child);
    const pruned = await store.prune({ dangling: ["false"] });
    assert.deepEqual(ids(pruned).filter((id) => id === base || id === child), [child, base]);
    assert.equal(pruned.SpaceReclaimed, 30);
    assert.deepEqual(contents(test).layers, []);
  },
});

Deno.test({
  name: "a dry run changes nothing, tells no event, and takes for gone whom it is told",
  ...needs,
  async fn() {
    await using test = testStore();
    const { store, users, events } = test;
    const [one, two] = [await imported(test, "one", 10), await imported(test, "two", 20)];
    users.set(one, [{ id: "first", name: "first", running: false }]);
    users.set(two, [{ id: "second", name: "second", running: true }]);
    const before = [await store.list(), contents(test), [...events]];
    const all = { dangling: ["false"] };
    assert.deepEqual(ids(await store.prune(all, { dryRun: true })), []);
    const told = await store.prune(all, { dryRun: true, without: ["first"] });
    assert.deepEqual([ids(told)[0], told.SpaceReclaimed], [one, 10]);
    assert.deepEqual([await store.list(), contents(test), [...events]], before);
    assert.deepEqual(ids(await store.prune(all, { without: ["first"] })), [], "it is a matter of dry runs");
    users.delete(one);
    assert.deepEqual(await store.prune(all), told);
    assert.deepEqual(events.slice(-2), [`untag ${one}`, `delete ${one}`]);
  },
});

Deno.test({
  name: "a layer that an image has twice takes its bytes once",
  ...needs,
  async fn() {
    await using test = testStore();
    const { store, database } = test;
    const id = await imported(test, "twice", 10);
    database.exec("INSERT INTO image_layers SELECT image, 1, layer FROM image_layers");
    const [image] = (await store.list({ sharedSize: true, layers: true })).filter((one) => one.Id === id);
    assert.deepEqual([image?.Size, image?.SharedSize, image?.Layers?.length], [10, 0, 2]);
    assert.equal((await store.inspect("twice")).Size, 10);
    assert.equal(store.layersSize(), 10);
  },
});
