/** An image out of another one and a layer more, as the store makes it for a commit. */
import assert from "node:assert/strict";
import type { Bytes } from "../../base/container_engine.ts";
import { tarEntry } from "../../base/tar/entry.ts";
import { writeTar } from "../../base/tar/writer.ts";
import { mergeConfig } from "../../engine/containers/merge_config.ts";
import { Catalog } from "../../image/catalog.ts";
import type { ImageCommit } from "../../image/commit.ts";
import { digestOf } from "../../image/digest.ts";
import { requires } from "../support/requires.ts";
import { collected, contents, type TestStore, testStore } from "./image_store_test_support.ts";

const needs = requires({ root: true });

function tarOf(files: Readonly<Record<string, string>>): AsyncGenerator<Bytes> {
  return writeTar(
    Object.entries(files).map(([name, text]) => {
      const content = new TextEncoder().encode(text);
      return { entry: tarEntry({ name, size: content.length }), content: [content] };
    }),
  );
}

async function baseOf(test: TestStore): Promise<string> {
  const changes = ["CMD base", "ENV A=b"];
  const tar = ReadableStream.from(tarOf({ f: "base" }));
  const messages = await collected(test.store.import(tar, { reference: "base:1", changes, message: "first" }));
  return messages.at(-1)?.status ?? "";
}

const config = mergeConfig(
  { Image: "base:1", Cmd: ["sh", "-c", "touch x"], Tty: true },
  { Env: ["A=b"] },
  "c".repeat(64),
);

function commitOf(base: string, wish: Partial<ImageCommit> = {}): ImageCommit {
  return {
    base,
    tar: () => tarOf({ f: "changed", g: "new" }),
    container: { id: "c".repeat(64), config },
    config: { Cmd: ["changed"] },
    ...wish,
  };
}

const unread = () => assert.fail("the changes were asked for");

Deno.test({
  name: "commit() adds a layer and a step to the base, and takes the name from the image that had it",
  ...needs,
  async fn() {
    await using test = testStore();
    const base = await baseOf(test);
    const made = await test.store.commit(commitOf(base, { reference: "base:1", author: "me", comment: "why" }));
    assert.equal(made.name, "base:1");
    const image = await test.store.inspect("base:1");
    const before = await test.store.inspect(base);
    assert.equal(image.Id, made.id);
    assert.deepEqual(before.RepoTags, []);
    assert.deepEqual([image.Parent, image.Author, image.Comment], [base, "me", "why"]);
    assert.deepEqual(image.Config, { Cmd: ["changed"] });
    assert.deepEqual(image.RootFS.Layers.slice(0, -1), before.RootFS.Layers);
    assert.equal(image.RootFS.Layers.length, 2);
    assert.equal(image.Size, 4 + 7 + 3);
    const history = await test.store.history("base:1");
    assert.deepEqual(history.map(({ CreatedBy, Comment, Size }) => [CreatedBy, Comment, Size]), [
      ["sh -c touch x", "why", 10],
      ["", "first", 4],
    ]);
    assert.deepEqual(test.events.slice(1), [`create ${made.id}`, "tag base:1"]);
    assert.equal(test.store.resolve("base:1")?.layers.length, 2);
    const row = test.database.prepare("SELECT config FROM images WHERE id = ?").get(made.id);
    const bytes = row?.["config"];
    assert.ok(bytes instanceof Uint8Array && digestOf(bytes) === made.id);
    const written = JSON.parse(new TextDecoder().decode(bytes));
    assert.deepEqual([written.container, written.container_config.Tty], ["c".repeat(64), true]);
    await assert.rejects(test.store.remove(base), { class: "conflict", message: /has dependent child images/ });
  },
});

Deno.test({
  name: "commit() of nothing changed has the base's layers and a step that made none; the same change is kept once",
  ...needs,
  async fn() {
    await using test = testStore();
    const base = await baseOf(test);
    const { id, name } = await test.store.commit(commitOf(base, { tar: () => tarOf({}) }));
    assert.equal(name, "");
    const image = await test.store.inspect(id);
    assert.deepEqual(image.RootFS.Layers, (await test.store.inspect(base)).RootFS.Layers);
    assert.deepEqual((await test.store.history(id)).map(({ Size }) => Size), [0, 4]);
    const again = await test.store.commit(commitOf(id));
    const other = await test.store.commit(commitOf(id));
    assert.notEqual(again.id, other.id);
    assert.deepEqual((await test.store.history(again.id)).map(({ Size }) => Size), [10, 0, 4]);
    assert.equal(contents(test).layers.length, 2);
    assert.deepEqual(contents(test).staging, []);
  },
});

Deno.test({
  name: "commit() refuses what it cannot do before it looks at the changes",
  ...needs,
  async fn() {
    await using test = testStore();
    const base = await baseOf(test);
    const refused = async (wish: Partial<ImageCommit>, expected: object) => {
      await assert.rejects(test.store.commit(commitOf(base, { tar: unread, ...wish })), expected);
    };
    await refused({ reference: "BAD" }, { class: "invalid", message: /must be lowercase/ });
    await refused({ reference: `a@sha256:${"a".repeat(64)}` }, { class: "invalid", message: /digest reference/ });
    await refused({ reference: "host" }, { class: "invalid", message: /means the host itself/ });
    await refused({ base: `sha256:${"0".repeat(64)}` }, { class: "not_found", message: /No such image/ });
    const host = test.store.resolve("host")?.id ?? "";
    await refused({ base: host }, { class: "conflict", message: /cannot be committed; export/ });

    const layers = Array<string>(128).fill((await test.store.inspect(base)).RootFS.Layers[0] ?? "");
    const deep = JSON.stringify({ architecture: "amd64", os: "linux", rootfs: { type: "layers", diff_ids: layers } });
    const catalog = new Catalog(test.database);
    catalog.transaction(() => catalog.putImage(digestOf(deep), new TextEncoder().encode(deep), layers, undefined, ""));
    await assert.rejects(test.store.commit(commitOf(digestOf(deep))), {
      class: "invalid",
      message: "max depth exceeded",
    });
    await test.store.commit(commitOf(digestOf(deep), { tar: () => tarOf({}) }));
    assert.deepEqual([contents(test).layers.length, contents(test).staging], [1, []]);
  },
});

Deno.test({
  name: "commit() keeps the layers of a base that is removed meanwhile",
  ...needs,
  async fn() {
    await using test = testStore();
    const base = await baseOf(test);
    async function* tar() {
      yield* tarOf({ g: "new" });
      await test.store.remove(base, { force: true });
    }
    const { id } = await test.store.commit(commitOf(base, { tar }));
    const image = await test.store.inspect(id);
    assert.deepEqual([image.Parent, image.RootFS.Layers.length], ["", 2]);
    assert.equal(contents(test).layers.length, 2);
    await assert.rejects(test.store.inspect(base), { class: "not_found" });
  },
});

Deno.test({
  name: "commit() that is aborted, or whose changes cannot be read, leaves nothing",
  ...needs,
  async fn() {
    await using test = testStore();
    const base = await baseOf(test);
    const stop = new AbortController();
    let released = 0;
    async function* endless() {
      try {
        for (let i = 0;; i++) {
          if (i === 10) stop.abort(new Error("nobody wants it"));
          yield await Promise.resolve(new Uint8Array(512));
        }
      } finally {
        released++;
      }
    }
    const aborted = test.store.commit(commitOf(base, { tar: endless, signal: stop.signal, reference: "x" }));
    await assert.rejects(aborted, { message: "nobody wants it" });
    assert.equal(released, 1);
    async function* broken() {
      yield await Promise.resolve(new Uint8Array([1, 2, 3]));
      throw new Error("it cannot be read");
    }
    await assert.rejects(test.store.commit(commitOf(base, { tar: broken })), { message: "it cannot be read" });
    const cut = () => ReadableStream.from([new Uint8Array(2048).fill(65)]);
    await assert.rejects(test.store.commit(commitOf(base, { tar: cut })), { class: "invalid" });
    assert.deepEqual([contents(test).layers.length, contents(test).staging], [1, []]);
    assert.equal((await test.store.list()).length, 2);
  },
});
