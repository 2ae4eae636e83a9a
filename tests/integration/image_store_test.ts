/** The verbs of the image store, with archives that podman, skopeo and docker's own layout give. */
import assert from "node:assert/strict";
import { run } from "../support/command.ts";
import {
  busyboxDockerArchive,
  busyboxOciArchive,
  busyboxRootTar,
  fixtureFolder,
  skopeoCopy,
} from "../support/fixtures.ts";
import { requires } from "../support/requires.ts";
import {
  bytesStream,
  collected,
  contents,
  fileStream,
  importFile,
  load,
  testStore,
} from "./image_store_test_support.ts";
import { writeTar } from "../../base/tar/writer.ts";
import { tarEntry } from "../../base/tar/entry.ts";

const needs = requires({ root: true, command: ["busybox", "skopeo", "umoci"] });

async function smallTar(text: string): Promise<Uint8Array> {
  const content = new TextEncoder().encode(text);
  const parts = await Array.fromAsync(
    writeTar([{ entry: tarEntry({ name: "f", size: content.length }), content: [content] }]),
  );
  return new Uint8Array(parts.flatMap((part) => [...part]));
}

Deno.test({
  name: "load() of one image in two kinds of archive gives one image with two names, and says what docker says",
  ...needs,
  async fn() {
    await using test = testStore();
    assert.deepEqual(await load(test.store, await busyboxDockerArchive()), ["Loaded image: busybox:latest\n"]);
    const image = await test.store.inspect("busybox");
    assert.deepEqual(image.Config.Cmd, ["sh"]);
    assert.deepEqual(image.RepoTags, ["busybox:latest"]);
    assert.equal(image.RootFS.Layers.length, 1);
    await load(test.store, await busyboxOciArchive("zstd"));
    assert.equal(contents(test).layers.length, 1);
    const id = await test.store.resolve(image.Id.slice(7, 19))?.id;
    assert.equal(id, image.Id);
    assert.equal(test.store.layersSize(), image.Size);
    assert.ok(test.events.includes(`load ${image.Id}`));
  },
});

Deno.test({
  name:
    "save() is read by skopeo as docker-archive and as OCI layout, with the same configuration; load() takes it back",
  ...needs,
  async fn() {
    await using test = testStore();
    await load(test.store, await busyboxDockerArchive());
    await test.store.tag("busybox", "example.com:5000/team/box:v1");
    const saved = `${test.root}/saved.tar`;
    await Deno.writeFile(saved, await test.store.save(["busybox", "example.com:5000/team/box:v1"]));
    const { Id, RootFS } = await test.store.inspect("busybox");
    for (
      const source of [`docker-archive:${saved}:busybox:latest`, `docker-archive:${saved}:example.com:5000/team/box:v1`]
    ) {
      const config = JSON.parse(await run(["skopeo", "inspect", "--config", source]));
      assert.deepEqual(config.rootfs.diff_ids, RootFS.Layers);
      await skopeoCopy(source, `dir:${await Deno.makeTempDir({ dir: test.root })}`);
    }
    const layout = `${test.root}/layout`;
    await Deno.mkdir(layout);
    await run(["tar", "-xf", saved, "-C", layout]);
    await skopeoCopy(`oci:${layout}:v1`, `dir:${await Deno.makeTempDir({ dir: test.root })}`);
    await using second = testStore();
    const lines = await load(second.store, saved);
    assert.deepEqual(lines, ["Loaded image: busybox:latest\n", "Loaded image: example.com:5000/team/box:v1\n"]);
    assert.equal((await second.store.inspect("busybox")).Id, Id);
    await assert.rejects(test.store.save(["nothing"]), {
      class: "not_found",
      message: "No such image: nothing:latest",
    });
  },
});

Deno.test({
  name: "load() reads what podman saves of several images, in both of its formats",
  ...requires({ root: true, command: ["busybox", "skopeo", "umoci", "podman"] }),
  async fn() {
    await using test = testStore();
    const folder = `${test.root}/podman`;
    const podman = ["podman", "--root", `${folder}/root`, "--runroot", `${folder}/run`, "--storage-driver", "vfs"];
    await Deno.mkdir(folder);
    await run([...podman, "load", "-q", "-i", await busyboxDockerArchive()]);
    await run([...podman, "tag", "busybox:latest", "localhost/second:two"]);
    await run([...podman, "save", "-q", "-o", `${folder}/docker.tar`, "--format", "docker-archive", "busybox:latest"]);
    await run([...podman, "save", "-q", "-o", `${folder}/multi.tar`, "-m", "busybox:latest", "localhost/second:two"]);
    await run([...podman, "save", "-q", "-o", `${folder}/oci.tar`, "--format", "oci-archive", "localhost/second:two"]);
    for (const file of ["docker", "multi", "oci"]) {
      const lines = await load(test.store, `${folder}/${file}.tar`);
      assert.match(lines.join(""), /Loaded image: (localhost\/second:two|busybox:latest)\n/);
    }
    assert.equal(contents(test).layers.length, 1);
    assert.ok(test.store.resolve("localhost/second:two"));
  },
});

Deno.test({
  name: "load() follows the links that docker before 25 writes for a layer that is there already",
  ...needs,
  async fn() {
    await using test = testStore();
    const folder = `${fixtureFolder()}/links`;
    await Deno.mkdir(`${folder}/in`, { recursive: true });
    await run(["tar", "-xf", await busyboxDockerArchive(), "-C", `${folder}/in`]);
    const [item] = JSON.parse(await Deno.readTextFile(`${folder}/in/manifest.json`));
    const [layer] = item.Layers;
    await Deno.mkdir(`${folder}/in/aa`);
    await Deno.symlink(`../${layer}`, `${folder}/in/aa/layer.tar`);
    item.Layers = ["aa/layer.tar"];
    await Deno.writeTextFile(`${folder}/in/manifest.json`, JSON.stringify([item]));
    await run(["tar", "-cf", `${folder}/linked.tar`, "-C", `${folder}/in`, "."]);
    assert.deepEqual(await load(test.store, `${folder}/linked.tar`), ["Loaded image: busybox:latest\n"]);
  },
});

Deno.test({
  name: "import() makes an image with the changes asked for",
  ...needs,
  async fn() {
    await using test = testStore();
    const changes = [
      "CMD echo hi",
      'ENTRYPOINT ["/bin/sh","-c"]',
      'ENV A=1 B="two words"',
      "EXPOSE 80 53/udp",
      "LABEL x=y",
      "USER 1:2",
      "WORKDIR srv",
      "VOLUME /data",
      "STOPSIGNAL SIGINT",
      "HEALTHCHECK --interval=5s --retries=2 CMD true",
    ];
    const messages = await collected(
      test.store.import(fileStream(await busyboxRootTar()), { reference: "box:1", changes, message: "made here" }),
    );
    const image = await test.store.inspect("box:1");
    assert.equal(messages.at(-1)?.status, image.Id);
    assert.deepEqual(image.Config, {
      Cmd: ["/bin/sh", "-c", "echo hi"],
      Entrypoint: ["/bin/sh", "-c"],
      Env: ["A=1", "B=two words"],
      ExposedPorts: { "80/tcp": {}, "53/udp": {} },
      Labels: { x: "y" },
      User: "1:2",
      WorkingDir: "/srv",
      Volumes: { "/data": {} },
      StopSignal: "SIGINT",
      Healthcheck: { Test: ["CMD-SHELL", "true"], Interval: 5e9, Retries: 2 },
    });
    const [step] = await test.store.history("box:1");
    assert.deepEqual([step?.Id, step?.Comment, step?.Size, step?.Tags], [image.Id, "made here", image.Size, ["box:1"]]);
    const failed = collected(test.store.import(fileStream(await busyboxRootTar()), { changes: ["FROM scratch"] }));
    await assert.rejects(failed, { class: "invalid", message: "FROM is not a valid change command" });
  },
});

Deno.test({
  name: "remove() follows docker's rules for names, ids, force and containers",
  ...needs,
  async fn() {
    await using test = testStore();
    const { store, users } = test;
    const id = await importFile(store, await busyboxRootTar(), "a:1");
    const short = id.slice(7, 19);
    await store.tag("a:1", "b:1");
    assert.deepEqual(await store.remove("a:1"), [{ Untagged: "a:1" }]);
    await store.tag("b:1", "a:1");
    const many = `conflict: unable to delete ${short} (must be forced) - image is referenced in multiple repositories`;
    await assert.rejects(store.remove(id), { class: "conflict", message: many });
    await store.remove("a:1");
    const user = { id: "c".repeat(64), name: "c1", running: false };
    users.set(id, [user]);
    await assert.rejects(store.remove("b:1"), {
      class: "conflict",
      message: `conflict: unable to remove repository reference "b:1" (must force) - container ${
        "c".repeat(12)
      } is using its referenced image ${short}`,
    });
    await assert.rejects(store.remove(short), {
      message: `conflict: unable to delete ${short} (must be forced) - image is being used by stopped container ${
        "c".repeat(12)
      }`,
    });
    users.set(id, [{ ...user, running: true }]);
    await assert.rejects(store.remove(short, { force: true }), {
      message: `conflict: unable to delete ${short} (cannot be forced) - image is being used by running container ${
        "c".repeat(12)
      }`,
    });
    assert.deepEqual((await store.inspect("b:1")).RepoTags, ["b:1"]);
    users.clear();
    const [layer] = (await store.inspect(id)).RootFS.Layers;
    assert.deepEqual(await store.remove("b:1"), [{ Untagged: "b:1" }, { Deleted: id }, { Deleted: layer }]);
    assert.deepEqual(contents(test), { layers: [], skeletons: [], staging: [] });
    await assert.rejects(store.remove("b:1"), { class: "not_found", message: "No such image: b:1" });
  },
});

Deno.test({
  name: "a layer that two images share goes with the second; prune() takes what has no name and no container",
  ...needs,
  async fn() {
    await using test = testStore();
    const { store } = test;
    const first = await importFile(store, await busyboxRootTar(), "one");
    const second = await importFile(store, await busyboxRootTar(), "two");
    assert.notEqual(first, second);
    assert.equal(contents(test).layers.length, 1);
    await store.remove("one");
    assert.equal(contents(test).layers.length, 1);
    await collected(store.import(bytesStream(await smallTar("x")), { reference: "two" }));
    test.users.set(second, [{ id: "d".repeat(64), name: "d", running: false }]);
    assert.deepEqual(await store.prune(), { ImagesDeleted: [], SpaceReclaimed: 0 });
    test.users.clear();
    const { ImagesDeleted, SpaceReclaimed } = await store.prune();
    assert.deepEqual(ImagesDeleted[0], { Deleted: second });
    assert.ok(SpaceReclaimed > 100_000);
    assert.deepEqual((await store.list()).flatMap(({ RepoTags }) => RepoTags).sort(), ["host:latest", "two:latest"]);
    const all = await store.prune({ dangling: ["false"] });
    assert.equal(all.SpaceReclaimed, 1);
    assert.deepEqual(contents(test).layers, []);
  },
});

Deno.test({
  name: "list() filters by reference, label, dangling, before and since",
  ...needs,
  async fn() {
    await using test = testStore();
    const { store } = test;
    await collected(store.import(bytesStream(await smallTar("1")), { reference: "app:1", changes: ["LABEL a=b"] }));
    await collected(store.import(bytesStream(await smallTar("2")), { reference: "team/app:2" }));
    await collected(store.import(bytesStream(await smallTar("3"))));
    const names = async (filters: Record<string, string[]>) =>
      (await store.list({ filters })).map(({ RepoTags }) => RepoTags[0] ?? "none");
    assert.deepEqual(await names({}), ["none", "team/app:2", "app:1", "host:latest"]);
    assert.deepEqual(await names({ reference: ["app"] }), ["app:1"]);
    assert.deepEqual(await names({ reference: ["*/*"] }), ["team/app:2"]);
    assert.deepEqual(await names({ reference: ["app:[0-9]", "host"] }), ["app:1", "host:latest"]);
    assert.deepEqual(await names({ label: ["a=b"] }), ["app:1"]);
    assert.deepEqual(await names({ label: ["a=c"] }), []);
    assert.deepEqual(await names({ dangling: ["true"] }), ["none"]);
    assert.deepEqual(await names({ since: ["app:1"] }), ["none", "team/app:2"]);
    assert.deepEqual(await names({ before: ["team/app:2"] }), ["app:1", "host:latest"]);
    await assert.rejects(store.list({ filters: { nonsense: ["1"] } }), { message: "invalid filter 'nonsense'" });
    await assert.rejects(store.list({ filters: { dangling: ["perhaps"] } }), {
      message: "invalid filter 'dangling=[perhaps]'",
    });
  },
});

Deno.test({
  name: "host is always there, hides the state folder behind its parents' modes, and cannot be changed",
  ...needs,
  async fn() {
    await using test = testStore();
    const { store, root } = test;
    const host = store.resolve("host");
    assert.equal(host?.host, true);
    assert.equal(store.resolve(host?.id ?? "")?.id, host?.id);
    const mask = `${root}/layers/${host?.layers[0]}`;
    assert.equal((await run(["stat", "-c", "%F %t:%T", `${mask}${root}`])).trim(), "character special file 0:0");
    const parent = root.slice(0, root.lastIndexOf("/"));
    const format = ["stat", "-c", "%a %u:%g"];
    assert.equal(await run([...format, `${mask}${parent}`]), await run([...format, parent]));
    for (const change of [() => store.remove("host"), () => store.tag("host", "x"), () => store.save(["host"])]) {
      await assert.rejects(change(), { class: "invalid" });
    }
    await importFile(store, await busyboxRootTar(), "a");
    await assert.rejects(store.tag("a", "host"), { class: "invalid" });
    assert.deepEqual(test.reopen().resolve("host"), host);
  },
});

Deno.test({
  name: "a store that is opened again has its images, and takes away layers that no row knows",
  ...needs,
  async fn() {
    await using test = testStore();
    const id = await importFile(test.store, await busyboxRootTar(), "a");
    const before = contents(test);
    await Deno.mkdir(`${test.root}/layers/999`);
    await Deno.writeTextFile(`${test.root}/skeletons/999`, "");
    const again = test.reopen();
    assert.equal(again.resolve("a")?.id, id);
    assert.deepEqual(contents(test), before);
    test.database.exec("UPDATE images SET config = x'7b7d'");
    const damaged = test.reopen();
    assert.deepEqual((await damaged.list()).map(({ RepoTags }) => RepoTags), [["host:latest"]]);
  },
});

Deno.test({
  name: "save() notices a file of a layer that was changed on the disk",
  ...needs,
  async fn() {
    await using test = testStore();
    await collected(test.store.import(bytesStream(await smallTar("content")), { reference: "a" }));
    await Deno.writeTextFile(`${test.root}/layers/${test.store.resolve("a")?.layers[0]}/f`, "changed");
    const read = async () => {
      for await (const _ of await test.store.save(["a"]));
    };
    await assert.rejects(read(), /was changed on the disk/);
  },
});

const text = (name: string, value: string) => {
  const content = new TextEncoder().encode(value);
  return { entry: tarEntry({ name, size: content.length }), content: [content] };
};
const link = (name: string, linkName: string) => ({ entry: tarEntry({ name, type: "symlink", linkName }) });
const folder = (name: string) => ({ entry: tarEntry({ name, type: "directory" }) });
const whiteouts = [text("a", "stays"), text(".wh.b", "data that are nobody's"), text(".wh..wh.plnk", "aufs's")];

const tars = [
  {
    what: "a later entry replaced a file, a link to it, or the way to it",
    files: [
      text("twice", "first"),
      text("twice", "second"),
      folder("x"),
      folder("y"),
      link("way", "x"),
      text("way/f", "in x"),
      link("way", "y"),
      text("way/f", "in y"),
      folder("dir"),
      text("dir/lost", "lost"),
      text("dir", "a file now"),
      text("same", "1"),
      text("same", "1"),
    ],
  },
  { what: "whiteouts have data", files: whiteouts },
  { what: "whiteouts have data and a file was replaced", files: [text("a", "first"), ...whiteouts] },
];
for (const { what, files } of tars) {
  Deno.test({
    name: `save() gives back a tar in which ${what}`,
    ...needs,
    async fn() {
      await using test = testStore();
      const parts = await Array.fromAsync(writeTar(files));
      const tar = new Uint8Array(parts.flatMap((part) => [...part]));
      await collected(test.store.import(bytesStream(tar), { reference: "a" }));
      const saved = `${test.root}/saved.tar`;
      await Deno.writeFile(saved, await test.store.save(["a"]));
      const [diffId = ""] = (await test.store.inspect("a")).RootFS.Layers;
      await Deno.writeFile(`${test.root}/original.tar`, tar);
      await run([
        "sh",
        "-ec",
        'tar -xOf "$1" "$2" | cmp - "$3"',
        "sh",
        saved,
        `blobs/sha256/${diffId.slice(7)}`,
        `${test.root}/original.tar`,
      ]);
    },
  });
}
