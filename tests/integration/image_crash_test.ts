/** A load that is killed at each of its steps, and one that finds the disk full. */
import assert from "node:assert/strict";
import { output, run } from "../support/command.ts";
import { busyboxDockerArchive, fixtureFolder, skopeoCopy } from "../support/fixtures.ts";
import { requires } from "../support/requires.ts";
import { contents, load, testStore } from "./image_store_test_support.ts";

const needs = requires({ root: true, command: ["busybox", "skopeo", "umoci", "unshare"] });
const child = new URL("./image_store_test_support.ts", import.meta.url).pathname;
const deno = [Deno.execPath(), "run", "-A", "--quiet", "--no-check", child];

for (const point of ["load.unpacked", "layer.skeleton", "layer.folder", "load.layer", "load.image"]) {
  Deno.test({
    name: `a load that is killed at ${point} leaves nothing that the next store does not take away`,
    ...needs,
    async fn() {
      const archive = await busyboxDockerArchive();
      const root = await Deno.makeTempDir({ prefix: "sauropod-images-" });
      const { code } = await output([...deno, "load", root, archive], { env: { SAUROPOD_FAIL: `${point}:kill` } });
      assert.equal(code, 137);
      await using test = testStore({}, root);
      assert.deepEqual((await test.store.list()).map(({ RepoTags }) => RepoTags), [["host:latest"]]);
      assert.deepEqual(contents(test).layers, []);
      assert.deepEqual(contents(test).skeletons, []);
      assert.deepEqual([...test.store.faults({})], []);
      assert.deepEqual(await load(test.store, archive), ["Loaded image: busybox:latest\n"]);
      assert.equal(contents(test).layers.length, 1);
    },
  });
}

Deno.test({
  name: "a load that finds the disk full says so and keeps nothing; a smaller one works",
  ...needs,
  async fn() {
    const folder = `${fixtureFolder()}/full`;
    await Deno.mkdir(`${folder}/in/etc`, { recursive: true });
    await Deno.writeTextFile(`${folder}/in/etc/passwd`, "root:x:0:0::/:/bin/sh\n");
    const archive = async (name: string, bytes: number) => {
      await Deno.writeFile(`${folder}/in/data`, new Uint8Array(bytes).fill(65));
      await run(["umoci", "init", "--layout", `${folder}/${name}`]);
      await run(["umoci", "new", "--image", `${folder}/${name}:x`]);
      await run(["tar", "-cf", `${folder}/${name}.root.tar`, "-C", `${folder}/in`, "."]);
      await run(["umoci", "raw", "add-layer", "--image", `${folder}/${name}:x`, `${folder}/${name}.root.tar`]);
      await skopeoCopy(`oci:${folder}/${name}:x`, `oci-archive:${folder}/${name}.tar:${name}:x`);
      return `${folder}/${name}.tar`;
    };
    // The second is small as an archive and too large unpacked.
    const [small, large] = [await archive("small", 1000), await archive("large", 8 << 20)];
    const root = await Deno.makeTempDir({ prefix: "sauropod-images-" });
    const script = 'mount -t tmpfs -o size=4m none "$1" && shift && exec "$@"';
    const arguments_ = [root, ...deno, "load", root, large, small];
    const text = await run(["unshare", "--mount", "sh", "-c", script, "sh", ...arguments_]);
    await Deno.remove(root);
    const { results: [first, second], contents: left } = JSON.parse(text);
    assert.match(first.message, /large|space/);
    assert.deepEqual(second, ["Loaded image: small:x\n"]);
    assert.deepEqual([left.layers.length, left.skeletons.length, left.staging], [1, 1, []]);
  },
});
