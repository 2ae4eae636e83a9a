/** Images from Debian's registry server, through what networks and bad registries do. */
import assert from "node:assert/strict";
import { FaultProxy, type Faults } from "../support/fault_proxy.ts";
import { busyboxOciArchive } from "../support/fixtures.ts";
import { TestRegistry } from "../support/registry.ts";
import {
  behind,
  described,
  DOCKER_LIST,
  DOCKER_MANIFEST,
  flip,
  INDEX,
  isBlob,
  isManifest,
  large,
  layout,
  MANIFEST,
  manyLayers,
  once,
  putManifest,
  Store,
  test,
} from "./registry_test_support.ts";

test("pull brings an image in by tag, and its digest is a name of it", async () => {
  await using registry = await TestRegistry.start();
  await registry.put(await layout(), "a/three:1");
  await using store = new Store();
  const name = `${registry.host}/a/three:1`;
  const messages = await store.pull(name);
  const { Digest } = await registry.inspect("a/three:1");
  const status = messages.map(({ status }) => status);
  assert.equal(status[0], "Pulling from a/three");
  assert.deepEqual(status.slice(-2), [`Digest: ${Digest}`, `Status: Downloaded newer image for ${name}`]);
  assert.equal(status.filter((text) => text === "Pull complete").length, 3);
  assert.equal((await store.images.inspect(name)).RepoDigests[0], `${registry.host}/a/three@${Digest}`);
  assert.deepEqual(store.events, [`pull ${name}`]);
  const again = (await store.pull(name)).map(({ status }) => status);
  assert.equal(again.filter((text) => text === "Already exists").length, 3);
  assert.equal(again.at(-1), `Status: Image is up to date for ${name}`);
  await store.pull(`${registry.host}/a/three@${Digest}`);
  assert.deepEqual(await store.names(), [name]);
});

test("pull --all-tags brings every tag, and layers that are shared once", async () => {
  await using registry = await TestRegistry.start();
  for (const tag of ["1", "2", "three"]) await registry.put(await layout(), `a/three:${tag}`);
  await using store = new Store();
  await store.pull(`${registry.host}/a/three`, { allTags: true });
  assert.deepEqual((await store.names()).sort(), ["1", "2", "three"].map((tag) => `${registry.host}/a/three:${tag}`));
  assert.equal(store.layers(), 3);
});

test("pull reads zstd layers and Docker's own manifests", async () => {
  await using registry = await TestRegistry.start();
  await registry.put(`oci-archive:${await busyboxOciArchive("zstd")}:busybox:latest`, "a/zstd:1");
  await registry.put(await layout(), "a/v2s2:1", "--format", "v2s2");
  await using store = new Store();
  await store.pull(`${registry.host}/a/v2s2:1`);
  assert.equal(store.layers(), 3);
  await using fresh = new Store();
  await fresh.pull(`${registry.host}/a/zstd:1`);
  // Pushed again where they are, zstd layers stay what they are.
  assert.ok((await fresh.push(`${registry.host}/a/zstd:1`)).includes("Layer already exists"));
  await using other = new Store();
  await other.pull(`${registry.host}/a/zstd:1`);
});

test("pull takes from a list what this machine, or --platform, asks for", async () => {
  await using registry = await TestRegistry.start();
  await registry.put(await layout(), "a/multi:ours");
  await registry.put(`oci-archive:${await busyboxOciArchive()}:busybox:latest`, "a/multi:other");
  const [ours, other] = await Promise.all(
    ["ours", "other"].map((tag) => described(registry, `a/multi:${tag}`, MANIFEST)),
  );
  const architecture = Deno.build.arch === "aarch64" ? "arm64" : "amd64";
  const manifests = [
    { ...other, platform: { os: "linux", architecture: "s390x" } },
    { ...ours, platform: { os: "linux", architecture } },
  ];
  const index = { schemaVersion: 2, mediaType: INDEX, manifests };
  await putManifest(registry.host, "a/multi", "list", index, INDEX);
  await using store = new Store();
  const name = `${registry.host}/a/multi:list`;
  await store.pull(name);
  assert.equal(store.layers(), 3);
  // The image says something else than the list does, and it is the image that runs.
  await assert.rejects(store.pull(name, { platform: "linux/s390x" }), {
    class: "not_found",
    message: /does not match the specified platform/,
  });
  await assert.rejects(store.pull(name, { platform: "linux/arm/v7" }), {
    class: "not_found",
    message: "no matching manifest for linux/arm/v7 in the manifest list entries",
  });
  await assert.rejects(store.pull(name, { platform: "a/b/c/d" }), { class: "invalid" });
});

test("pull finds its way through Docker's lists, and lists of lists", async () => {
  await using registry = await TestRegistry.start();
  await registry.put(await layout(), "a/nested:image", "--format", "v2s2");
  const image = await described(registry, "a/nested:image", DOCKER_MANIFEST);
  const architecture = Deno.build.arch === "aarch64" ? "arm64" : "amd64";
  const manifests = [{ ...image, platform: { os: "linux", architecture } }];
  const list = { schemaVersion: 2, mediaType: DOCKER_LIST, manifests };
  await putManifest(registry.host, "a/nested", "list", list, DOCKER_LIST);
  const inner = await described(registry, "a/nested:list", DOCKER_LIST);
  const index = { schemaVersion: 2, mediaType: INDEX, manifests: [inner] };
  await putManifest(registry.host, "a/nested", "index", index, INDEX);
  for (const tag of ["list", "index"]) {
    await using store = new Store();
    await store.pull(`${registry.host}/a/nested:${tag}`);
    assert.equal(store.layers(), 3);
  }
});

test("layers come three at a time, no more", async () => {
  await using registry = await TestRegistry.start();
  await registry.put(await manyLayers(), "a/many:1");
  await using proxy = new FaultProxy(registry, (request) => isBlob(request) ? { delay: 200 } : undefined);
  await using store = new Store();
  await store.pull(`${proxy.host}/a/many:1`);
  assert.deepEqual([store.layers(), proxy.mostAtOnce], [6, 3]);
});

test("a registry that asks for patience gets it, and who pulls is told", async () => {
  const busy = once({ status: 429, headers: { "retry-after": "1" } });
  await behind(busy, async (store, proxy) => {
    const messages = await store.pull(`${proxy.host}/a/three:1`);
    assert.ok(messages.some(({ status }) => status === "Retrying in 1 second"));
    assert.equal(store.layers(), 3);
  });
});

test("a layer that unpacks beyond what is allowed is refused by its digest and the file, and leaves nothing", async () => {
  await using registry = await TestRegistry.start();
  await registry.put(await layout(), "a/three:1");
  await using store = new Store({}, { bytes: 2 << 20 });
  await assert.rejects(store.pull(`${registry.host}/a/three:1`), {
    class: "invalid",
    message: /^failed to register layer sha256:[0-9a-f]{64}: .*(one|two) is too large: the files exceed 2097152 bytes/,
  });
  await store.assertEmpty();
});

test("a manifest that is a list at once, or is sent as another kind, is refused", async () => {
  let lies = 0;
  await behind((request) => {
    if (!isManifest(request)) return undefined;
    return {
      change: (bytes) => {
        const body = JSON.parse(new TextDecoder().decode(bytes));
        const lie = ++lies === 1 ? { manifests: [] } : { mediaType: INDEX };
        return new TextEncoder().encode(JSON.stringify({ ...body, ...lie }));
      },
    };
  }, async (store, proxy) => {
    const name = `${proxy.host}/a/three:1`;
    await assert.rejects(store.pull(name), { class: "invalid", message: /it has manifests too/ });
    await assert.rejects(store.pull(name), { class: "invalid", message: /announced as .* and calls itself/ });
    await store.assertEmpty();
  });
});

test("two pulls of one image at once fetch each blob once", async () => {
  await behind((request) => isBlob(request) ? { delay: 50 } : undefined, async (store, proxy) => {
    const name = `${proxy.host}/a/three:1`;
    const both = await Promise.all([store.pull(name), store.pull(name)]);
    for (const messages of both) {
      assert.equal(messages.filter(({ status }) => status === "Pull complete").length, 3);
    }
    const blobs = proxy.seen.filter((line) => /\/blobs\//.test(line));
    assert.equal(blobs.length, 3 + 2); // the configuration is read by each
    assert.equal(store.layers(), 3);
  });
});

test("of two pulls at once one may be given up, and the other goes on", async () => {
  await behind((request) => isBlob(request) ? { delay: 100 } : undefined, async (store, proxy) => {
    const name = `${proxy.host}/a/three:1`;
    const stop = new AbortController();
    const first = assert.rejects(store.pull(name, { signal: stop.signal }));
    const second = store.pull(name);
    setTimeout(() => stop.abort(), 150);
    await first;
    await second;
    assert.deepEqual([await store.names(), store.layers()], [[name], 3]);
  });
});

test("a pull that is given up leaves nothing", async () => {
  await behind((request) => isBlob(request) ? { delay: 100 } : undefined, async (store, proxy) => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 150);
    await assert.rejects(store.pull(`${proxy.host}/a/three:1`, { signal: stop.signal }));
    await store.assertEmpty();
  });
});

for (
  const [name, faults] of [
    ["a connection that breaks in the middle of each blob", once({ dropAfter: 200_000 })],
    [
      "a registry that has broken off, and knows no ranges",
      (request, times) => isBlob(request) ? times === 0 ? { dropAfter: 200_000 } : { ignoreRange: true } : undefined,
    ],
    ["429 with Retry-After", once({ status: 429, headers: { "retry-after": "0" } })],
    ["500", once({ status: 500 })],
    ["502 on the manifest", once({ status: 502 }, isManifest)],
    ["503 on the first answer of all", once({ status: 503 }, (request) => /\/v2\/$/.test(request.url))],
    ["slowness", () => ({ delay: 30 })],
    ["bodies that come in small pieces", (request) => isBlob(request) ? { trickle: 20_000 } : undefined],
  ] satisfies [string, Faults][]
) {
  test(`pull gets the right image in spite of ${name}`, async () => {
    await behind(faults, async (store, proxy) => {
      await store.pull(`${proxy.host}/a/three:1`);
      assert.equal(store.layers(), 3);
    });
  });
}

test("a download goes on where it broke off", async () => {
  await behind(once({ dropAfter: 1_000_000 }), async (store, proxy) => {
    await store.pull(`${proxy.host}/a/three:1`);
    const ranges = proxy.seen.map((line) => Number(/ bytes=(\d+)-$/.exec(line)?.[1] ?? 0)).filter((from) => from > 0);
    assert.ok(ranges.some((from) => from > 500_000 && from <= 1_000_000), proxy.seen.join("\n"));
  });
});

for (
  const [name, faults, message] of [
    [
      "a blob with another digest",
      (request) => isBlob(request) ? { change: flip } : undefined,
      /verification failed for digest sha256:/,
    ],
    ["a layer with another digest", (request) =>
      isBlob(request)
        ? {
          change: (bytes) => bytes.length > large ? flip(bytes) : bytes,
        }
        : undefined, /filesystem layer verification failed for digest sha256:/],
    ["a layer that is too short", (request) =>
      isBlob(request)
        ? {
          change: (bytes) => bytes.length > large ? bytes.slice(0, -1) : bytes,
        }
        : undefined, /the registry has \d+ bytes for the layer sha256:[0-9a-f]{64} instead of \d+/],
    ["a layer that is too long", (request) =>
      isBlob(request)
        ? {
          change: (bytes) => bytes.length > large ? new Uint8Array([...bytes, 0]) : bytes,
        }
        : undefined, /the registry has \d+ bytes for the layer/],
    ["a manifest over its limit", (request) =>
      isManifest(request)
        ? {
          change: () => new Uint8Array((4 << 20) + 1).fill(0x20),
        }
        : undefined, /the manifest 1 has more than 4194304 bytes/],
    ["a manifest that is no JSON", (request) =>
      isManifest(request)
        ? {
          change: () => new TextEncoder().encode("<html>"),
        }
        : undefined, /is no JSON/],
    ["500 for ever", (request) => isBlob(request) ? { status: 500 } : undefined, /blobs.*500/],
    ["a connection that always breaks", (request) => isBlob(request) ? { dropAfter: 0 } : undefined, /blobs|broke off/],
    [
      "a redirect without end",
      (request) => isBlob(request) ? { redirect: request.url } : undefined,
      /stopped after 10 redirects/,
    ],
  ] satisfies [string, Faults, RegExp][]
) {
  test(`pull refuses ${name}, says so, and leaves nothing`, async () => {
    await behind(faults, async (store, proxy) => {
      await assert.rejects(store.pull(`${proxy.host}/a/three:1`), message);
      await store.assertEmpty();
    });
  });
}
