/** Image archives whose parts do not fit together: refused by name, nothing kept. */
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { requires } from "../support/requires.ts";
import { assertNothingKept, encode, type File, hex, link, tarOf } from "./image_hostile_test_support.ts";
import { bytesStream, collected, testStore } from "./image_store_test_support.ts";

const needs = requires({ root: true });

interface Blobs {
  layer: Uint8Array;
  config: Uint8Array;
  manifest: Uint8Array;
  index: Uint8Array;
  /** What is written instead of the layer that the manifest means. */
  written?: Uint8Array;
}

async function ociBlobs(
  change: (
    parts: { config: Record<string, unknown>; manifest: Record<string, unknown>; index: Record<string, unknown> },
  ) => void = () => {},
): Promise<Blobs> {
  const tar = await tarOf({ name: "f", text: "content" });
  const layer = gzipSync(tar);
  const config: Record<string, unknown> = {
    architecture: Deno.build.arch === "aarch64" ? "arm64" : "amd64",
    os: "linux",
    rootfs: { type: "layers", diff_ids: [`sha256:${hex(tar)}`] },
  };
  const manifest: Record<string, unknown> = {
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    layers: [{
      mediaType: "application/vnd.oci.image.layer.v1.tar+gzip",
      digest: `sha256:${hex(layer)}`,
      size: layer.length,
    }],
  };
  const index: Record<string, unknown> = { schemaVersion: 2 };
  change({ config, manifest, index });
  const configBytes = encode(JSON.stringify(config));
  manifest["config"] ??= {
    mediaType: "application/vnd.oci.image.config.v1+json",
    digest: `sha256:${hex(configBytes)}`,
    size: configBytes.length,
  };
  const manifestBytes = encode(JSON.stringify(manifest));
  index["manifests"] ??= [{
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    digest: `sha256:${hex(manifestBytes)}`,
    size: manifestBytes.length,
    annotations: { "org.opencontainers.image.ref.name": "evil:1" },
  }];
  return { layer, config: configBytes, manifest: manifestBytes, index: encode(JSON.stringify(index)) };
}

async function ociTar({ layer, config, manifest, index, written }: Blobs): Promise<Uint8Array> {
  const blob = (bytes: Uint8Array, text = bytes): File => ({ name: `blobs/sha256/${hex(bytes)}`, text });
  return await tarOf({ name: "index.json", text: index }, blob(layer, written ?? layer), blob(config), blob(manifest));
}

async function refusesLoad(tar: Uint8Array, message: RegExp): Promise<void> {
  await using test = testStore();
  await assert.rejects(collected(test.store.load(bytesStream(tar))), { message });
  assertNothingKept(test);
}

Deno.test({
  name: "load() takes the OCI layout that the following tests break",
  ...needs,
  async fn() {
    await using test = testStore();
    await collected(test.store.load(bytesStream(await ociTar(await ociBlobs()))));
    assert.equal(test.store.resolve("evil:1")?.layers.length, 1);
  },
});

const other = { mediaType: "application/vnd.oci.image.index.v1+json", digest: `sha256:${"0".repeat(64)}`, size: 1 };
const lies: { name: string; change: Parameters<typeof ociBlobs>[0]; message: RegExp }[] = [
  {
    name: "a wrong diffID",
    change: ({ config }) => config["rootfs"] = { type: "layers", diff_ids: [`sha256:${"a".repeat(64)}`] },
    message: /the layer sha256:a{64} has the digest sha256:/,
  },
  {
    name: "a digest that is a path",
    change: ({ manifest }) =>
      manifest["layers"] = [{
        mediaType: "application/vnd.oci.image.layer.v1.tar",
        digest: "sha256:../../../etc/passwd",
        size: 1,
      }],
    message: /malformed: layers\.0\.digest/,
  },
  {
    name: "a layer that is not there",
    change: ({ manifest }) => manifest["layers"] = [{ ...other, mediaType: "application/vnd.oci.image.layer.v1.tar" }],
    message: /the archive has no file blobs\/sha256\/0{64}/,
  },
  {
    name: "a manifest that is an index too",
    change: ({ manifest }) => manifest["manifests"] = [other],
    message: /it has manifests too/,
  },
  {
    name: "an index that is a manifest too",
    change: ({ index }) => index["layers"] = [],
    message: /it has layers too/,
  },
  {
    name: "a manifest that calls itself an index",
    change: ({ manifest }) => manifest["mediaType"] = "application/vnd.oci.image.index.v1+json",
    message: /calls itself/,
  },
  {
    name: "fewer layers than diffIDs",
    change: ({ manifest }) => manifest["layers"] = [],
    message: /has 0 layers, its configuration 1/,
  },
  {
    name: "129 layers",
    change: ({ manifest }) => manifest["layers"] = new Array(129).fill({ ...other, mediaType: "x" }),
    message: /malformed: layers/,
  },
  {
    name: "a configuration nested 1000 deep",
    change: ({ config }) => config["x"] = JSON.parse("[".repeat(1000) + "]".repeat(1000)),
    message: /nested more than 64 deep/,
  },
  {
    name: "a configuration of 5 MB",
    change: ({ config }) => config["x"] = "x".repeat(5_000_000),
    message: /4194304 are allowed/,
  },
  {
    name: "an environment that is no list",
    change: ({ config }) => config["config"] = { Env: { a: 1 } },
    message: /malformed: config\.Env/,
  },
  {
    name: "an image of another system",
    change: ({ config }) => config["os"] = "windows",
    message: /cannot load windows image on linux/,
  },
  {
    name: "the name of the built-in image",
    change: ({ index, manifest, config }) => {
      const bytes = encode(JSON.stringify(config));
      manifest["config"] = {
        mediaType: "application/vnd.oci.image.config.v1+json",
        digest: `sha256:${hex(bytes)}`,
        size: bytes.length,
      };
      const body = encode(JSON.stringify(manifest));
      index["manifests"] = [{
        mediaType: "application/vnd.oci.image.manifest.v1+json",
        digest: `sha256:${hex(body)}`,
        size: body.length,
        annotations: { "io.containerd.image.name": "docker.io/library/host:latest" },
      }];
    },
    message: /the name host means the host itself/,
  },
];
for (const { name, change, message } of lies) {
  Deno.test({
    name: `load() refuses ${name}`,
    ...needs,
    fn: async () => await refusesLoad(await ociTar(await ociBlobs(change)), message),
  });
}

Deno.test({
  name: "load() refuses a layer whose bytes were changed, naming its digest",
  ...needs,
  async fn() {
    const blobs = await ociBlobs();
    const changed = new Uint8Array(blobs.layer);
    changed[changed.length - 9] = (changed[changed.length - 9] ?? 0) ^ 1;
    await refusesLoad(
      await ociTar({ ...blobs, written: changed }),
      new RegExp(`the layer sha256:${hex(blobs.layer)} has the digest`),
    );
    const short = blobs.layer.subarray(0, -5);
    await refusesLoad(
      await ociTar({ ...blobs, written: short }),
      new RegExp(`${hex(blobs.layer)} has ${short.length} bytes`),
    );
  },
});

Deno.test({
  name: "load() refuses a docker-archive whose configuration has not the digest of its name, or that lacks a layer",
  ...needs,
  async fn() {
    const { config } = await ociBlobs();
    const name = `${"b".repeat(64)}.json`;
    const manifest = (item: unknown) => ({ name: "manifest.json", text: JSON.stringify([item]) });
    await refusesLoad(
      await tarOf(manifest({ Config: name, Layers: [] }), { name, text: config }),
      /the configuration sha256:b{64} has the digest/,
    );
    await refusesLoad(
      await tarOf(manifest({ Config: "c.json", Layers: ["../../etc/passwd"] }), { name: "c.json", text: config }),
      /leaves the root/,
    );
    await refusesLoad(
      await tarOf(manifest({ Config: "c.json", Layers: ["l"] }), { name: "c.json", text: config }, link("l", "l")),
      /no file l/,
    );
    await refusesLoad(await tarOf({ name: "x", text: "y" }), /the archive holds no image/);
  },
});

Deno.test({
  name: "load() and import() of a file refuse what is none, or no plain one, naming it",
  ...needs,
  async fn() {
    await using test = testStore();
    for (const take of [test.store.load.bind(test.store), test.store.import.bind(test.store)]) {
      await assert.rejects(collected(take({ path: `${test.root}/absent` })), {
        class: "not_found",
        message: `open ${test.root}/absent: no such file or directory`,
      });
      for (const path of [test.root, "/dev/null"]) {
        await assert.rejects(collected(take({ path })), { class: "invalid", message: `${path} is not a plain file` });
      }
    }
    assertNothingKept(test);
  },
});
