/** Images from and to Debian's registry server, through what networks and bad registries do. */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import type { RegistryAuth } from "../../base/container_engine.ts";
import type { ProgressMessage } from "../../base/docker/image.ts";
import { trashEmptied } from "../../fs/trash.ts";
import type { RegistrySettings } from "../../image/registry/endpoint.ts";
import { IMAGE_SCHEMA } from "../../image/schema.ts";
import { ImageStore } from "../../image/store.ts";
import { run } from "../support/command.ts";
import { type Fault, FaultProxy, type Faults } from "../support/fault_proxy.ts";
import { busyboxOciArchive, busyboxRootTar, fixtureFolder, tarFolder } from "../support/fixtures.ts";
import { TestRegistry } from "../support/registry.ts";
import { requires } from "../support/requires.ts";
import { selfSigned, signed, TokenServer } from "../support/token_server.ts";

const needs = { root: true, command: ["docker-registry", "skopeo", "umoci", "busybox", "perl", "openssl"] };

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ...requires(needs, name), fn });
}

/** An OCI layout with an image of three layers, two of which do not compress. */
let made: Promise<string> | undefined;
function layout(): Promise<string> {
  return made ??= (async () => {
    const path = `${fixtureFolder()}/three-layers`;
    const image = `${path}:latest`;
    await run(["umoci", "init", "--layout", path]);
    await run(["umoci", "new", "--image", image]);
    await run(["umoci", "raw", "add-layer", "--image", image, await busyboxRootTar()]);
    for (const name of ["one", "two"]) {
      const folder = `${path}-${name}`;
      await Deno.mkdir(folder);
      const bytes = new Uint8Array(3 << 20);
      for (let at = 0; at < bytes.length; at += 65536) crypto.getRandomValues(bytes.subarray(at, at + 65536));
      await Deno.writeFile(`${folder}/${name}`, bytes);
      await tarFolder(folder, `${folder}.tar`);
      await run(["umoci", "raw", "add-layer", "--image", image, `${folder}.tar`]);
    }
    return `oci:${image}`;
  })();
}

class Store implements AsyncDisposable {
  readonly root = Deno.makeTempDirSync({ prefix: "sauropod-registry-store-" });
  readonly events: string[] = [];
  readonly images: ImageStore;
  readonly #database: DatabaseSync;

  constructor(settings: Partial<RegistrySettings> = {}) {
    for (const folder of ["layers", "staging", "containers"]) Deno.mkdirSync(`${this.root}/${folder}`);
    this.#database = new DatabaseSync(`${this.root}/db.sqlite`, { enableForeignKeyConstraints: true });
    this.#database.exec(IMAGE_SCHEMA);
    this.images = new ImageStore({
      database: this.#database,
      root: this.root,
      usedBy: () => [],
      emit: (action, _id, name) => this.events.push(`${action} ${name}`),
      registries: { retryDelay: 20, ...settings },
    });
  }

  /** What a pull tells. */
  async pull(name: string, options: Parameters<ImageStore["pull"]>[1] = {}): Promise<ProgressMessage[]> {
    return await Array.fromAsync(this.images.pull(name, options));
  }

  async push(name: string, options: Parameters<ImageStore["push"]>[1] = {}): Promise<string[]> {
    const messages = await Array.fromAsync(this.images.push(name, options));
    return messages.map(({ status = "" }) => status);
  }

  async names(): Promise<string[]> {
    return (await this.images.list()).flatMap(({ RepoTags }) => RepoTags).filter((name) => name !== "host:latest");
  }

  layers(): number {
    return Number(this.#database.prepare("SELECT COUNT(*) AS n FROM layers").get()?.["n"]);
  }

  /** Names of what lies in staging, trash apart. */
  staged(): string[] {
    return Array.from(Deno.readDirSync(`${this.root}/staging`), ({ name }) => name)
      .filter((name) => !name.startsWith("trash-"));
  }

  async assertEmpty(): Promise<void> {
    assert.deepEqual([await this.names(), this.layers(), this.staged()], [[], 0, []]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await trashEmptied(this.root);
    this.#database.close();
    await Deno.remove(this.root, { recursive: true });
  }
}

const isBlob = (request: Request) => request.method === "GET" && /\/blobs\//.test(request.url);
const isManifest = (request: Request) => request.method === "GET" && /\/manifests\//.test(request.url);
/** Large enough to be one of the two that are random. */
const large = 3 << 20;

/** A registry with the image `a/three:1`, a proxy before it, and a store. */
async function behind(faults: Faults, fn: (store: Store, proxy: FaultProxy) => Promise<void>): Promise<void> {
  await using registry = await TestRegistry.start();
  await registry.put(await layout(), "a/three:1");
  await using proxy = new FaultProxy(registry, faults);
  await using store = new Store();
  await fn(store, proxy);
  assert.deepEqual(store.staged(), []);
}

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

/** Puts a manifest or a list under a tag, as no tool would write it. */
async function putManifest(host: string, name: string, tag: string, body: unknown, mediaType: string): Promise<void> {
  const headers = { "content-type": mediaType };
  const url = `http://${host}/v2/${name}/manifests/${tag}`;
  const response = await fetch(url, { method: "PUT", headers, body: JSON.stringify(body) });
  assert.equal(response.status, 201, await response.text());
}

const INDEX = "application/vnd.oci.image.index.v1+json";
const MANIFEST = "application/vnd.oci.image.manifest.v1+json";

test("pull takes from a list what this machine, or --platform, asks for", async () => {
  await using registry = await TestRegistry.start();
  await registry.put(await layout(), "a/multi:ours");
  await registry.put(`oci-archive:${await busyboxOciArchive()}:busybox:latest`, "a/multi:other");
  const [ours, other] = await Promise.all(["ours", "other"].map(async (tag) => {
    const raw = await run([
      "skopeo",
      "inspect",
      "--raw",
      "--tls-verify=false",
      `docker://${registry.host}/a/multi:${tag}`,
    ]);
    const { Digest } = await registry.inspect(`a/multi:${tag}`);
    return { mediaType: MANIFEST, digest: Digest, size: new TextEncoder().encode(raw).length };
  }));
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

const once = (fault: Fault, which = isBlob): Faults => (request, times) =>
  which(request) && times === 0 ? fault : undefined;

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

const flip = (bytes: Uint8Array<ArrayBuffer>) => bytes.map((byte, i) => i === bytes.length - 9 ? byte ^ 1 : byte);

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

test("pull tells what is not there in Docker's words", async () => {
  await using registry = await TestRegistry.start();
  await registry.put(await layout(), "a/three:1");
  await using store = new Store();
  const name = `${registry.host}/a/three:absent`;
  await assert.rejects(store.pull(name), {
    class: "not_found",
    message: `manifest for ${name} not found: manifest unknown: manifest unknown`,
  });
  await assert.rejects(store.pull(`${registry.host}/a/none:1`), { class: "not_found" });
  await assert.rejects(store.pull("127.0.0.1:4/a/b:1"), {
    class: "unavailable",
    message: /^Get "http:\/\/127.0.0.1:4\/v2\/": /,
  });
  await store.assertEmpty();
});

test("a registry with a password lets in who knows it, and tells others", async () => {
  await using registry = await TestRegistry.start({ login: ["ann", "s3:cret"] });
  const auth: RegistryAuth = { username: "ann", password: "s3:cret" };
  await registry.put(await layout(), "a/three:1", "--dest-creds", "ann:s3:cret");
  await using store = new Store();
  const name = `${registry.host}/a/three:1`;
  await assert.rejects(store.pull(name), {
    class: "not_found",
    message: /^pull access denied for .*\/a\/three, repository/,
  });
  await assert.rejects(store.pull(name, { auth: { ...auth, password: "wrong" } }), /pull access denied/);
  await store.pull(name, { auth });
  await store.images.tag(name, `${registry.host}/b/three:2`);
  await assert.rejects(store.push(`${registry.host}/b/three:2`), { class: "forbidden", message: /unauthorized/ });
  await store.push(`${registry.host}/b/three:2`, { auth });
  const login = (password: string) => store.images.login({ ...auth, password, serveraddress: registry.host });
  assert.deepEqual(await login("s3:cret"), { Status: "Login Succeeded", IdentityToken: "" });
  await assert.rejects(login("wrong"), { class: "forbidden", message: /unauthorized: / });
});

test("push sends what the registry lacks, and skopeo reads it", async () => {
  await using registry = await TestRegistry.start();
  await using other = await TestRegistry.start();
  await registry.put(await layout(), "a/three:1");
  await using store = new Store();
  const [from, to] = [`${registry.host}/a/three:1`, `${other.host}/c/three:1`];
  await store.pull(from);
  await store.images.tag(from, to);
  const first = await store.push(to);
  assert.equal(first[0], `The push refers to repository [${other.host}/c/three]`);
  assert.equal(first.filter((text) => text === "Pushed").length, 3);
  const { Digest } = await other.inspect("c/three:1");
  assert.match(
    first.find((text) => text.startsWith("1: digest")) ?? "",
    new RegExp(`^1: digest: ${Digest} size: \\d+$`),
  );
  const config = await run(["skopeo", "inspect", "--config", "--raw", "--tls-verify=false", `docker://${to}`]);
  assert.deepEqual(JSON.parse(config).rootfs.diff_ids, (await store.images.inspect(from)).RootFS.Layers);
  assert.equal((await store.push(to)).filter((text) => text === "Layer already exists").length, 3);
  await store.images.tag(from, `${other.host}/d/three:1`);
  assert.equal(
    (await store.push(`${other.host}/d/three:1`)).filter((text) => text === "Mounted from c/three").length,
    3,
  );
  await using fresh = new Store();
  await fresh.pull(`${other.host}/d/three:1`);
  assert.equal((await fresh.images.inspect(`${other.host}/d/three:1`)).Id, (await store.images.inspect(from)).Id);
  await assert.rejects(store.push(`${other.host}/c/three:2`), {
    class: "not_found",
    message: `An image does not exist locally with the tag: ${other.host}/c/three`,
  });
});

test("push tries again what broke", async () => {
  await using registry = await TestRegistry.start();
  await using store = new Store();
  for await (
    const _ of store.images.import(ReadableStream.from([await Deno.readFile(await busyboxRootTar())]), {
      reference: "x:1",
    })
  );
  const broken = new Set<string>();
  await using proxy = new FaultProxy(registry, ({ method }) => {
    if (method === "GET" || broken.has(method)) return undefined;
    broken.add(method);
    return { status: 500 };
  });
  await store.images.tag("x:1", `${proxy.host}/x:1`);
  await store.push(`${proxy.host}/x:1`);
  assert.ok((await registry.inspect("x:1"))["Digest"]);
});

test("credentials do not go where a redirect leads", async () => {
  await using registry = await TestRegistry.start({ login: ["ann", "secret"] });
  await registry.put(await layout(), "a/three:1", "--dest-creds", "ann:secret");
  await using elsewhere = new FaultProxy(registry, () => ({ status: 403 }));
  await using proxy = new FaultProxy(registry, (request) => {
    if (!isBlob(request)) return undefined;
    return { redirect: request.url.replace(/127\.0\.0\.1:\d+/, elsewhere.host) };
  });
  await using store = new Store();
  const auth = { username: "ann", password: "secret" };
  await assert.rejects(store.pull(`${proxy.host}/a/three:1`, { auth }));
  assert.ok(proxy.headers.some((headers) => headers.has("authorization")));
  assert.ok(elsewhere.headers.length > 0);
  assert.ok(elsewhere.headers.every((headers) => !headers.has("authorization")));
});

test("search finds names in the catalogue of a registry that cannot search", async () => {
  await using registry = await TestRegistry.start();
  for (const name of ["a/three", "b/three", "b/four"]) await registry.put(await layout(), `${name}:1`);
  await using store = new Store();
  const found = await store.images.search(`${registry.host}/three`);
  assert.deepEqual(found.map(({ name }) => name), [`${registry.host}/a/three`, `${registry.host}/b/three`]);
});

test("a token server gives what the registry asks for, and nothing to strangers", async () => {
  const folder = await Deno.makeTempDir({ prefix: "sauropod-token-" });
  await using server = await TokenServer.start(folder, ["ann", "secret"]);
  await using registry = await TestRegistry.start({ token: server });
  await registry.put(await layout(), "a/three:1", "--dest-creds", "ann:secret");
  server.asked.length = 0;
  const auth: RegistryAuth = { username: "ann", password: "secret" };
  await using store = new Store();
  const name = `${registry.host}/a/three:1`;
  await assert.rejects(store.pull(name), { class: "not_found", message: /^pull access denied/ });
  await store.pull(name, { auth });
  assert.ok(server.asked.every((fields) => fields.get("scope") === "repository:a/three:pull"));
  assert.equal(server.asked.at(-1)?.get("service"), "test");
  await store.images.tag(name, `${registry.host}/b/three:1`);
  const pushed = await store.push(`${registry.host}/b/three:1`, { auth });
  assert.equal(pushed.filter((text) => text === "Mounted from a/three").length, 3);
  const { IdentityToken } = await store.images.login({ ...auth, serveraddress: registry.host });
  assert.equal(IdentityToken, "refresh-me");
  await using other = new Store();
  await other.pull(name, { auth: { identitytoken: IdentityToken } });
  await assert.rejects(store.images.login({ ...auth, password: "no", serveraddress: registry.host }), {
    class: "forbidden",
    message: /unauthorized: incorrect username or password/,
  });
  await Deno.remove(folder, { recursive: true });
});

test("a registry on this machine may have a certificate that nobody has signed", async () => {
  const folder = await Deno.makeTempDir({ prefix: "sauropod-tls-" });
  const tls = await selfSigned(folder, "registry", ["IP:127.0.0.1"]);
  await using registry = await TestRegistry.start({ tls });
  await registry.put(await layout(), "a/three:1");
  await using store = new Store();
  await store.pull(`${registry.host}/a/three:1`);
  await store.images.tag(`${registry.host}/a/three:1`, `${registry.host}/b/three:1`);
  await store.push(`${registry.host}/b/three:1`);
  assert.ok((await registry.inspect("b/three:1"))["Digest"]);
  await Deno.remove(folder, { recursive: true });
});

const elsewhere = "10.99.99.1";
const place = Deno.networkInterfaces().every(({ name }) => name === "lo") ? undefined : "needs a network namespace";

/** An address that is no loopback address, in this network namespace that has nothing else. */
async function otherAddress(): Promise<AsyncDisposable> {
  await run(["ip", "addr", "add", `${elsewhere}/32`, "dev", "lo"]);
  return { [Symbol.asyncDispose]: async () => void await run(["ip", "addr", "del", `${elsewhere}/32`, "dev", "lo"]) };
}

function placed(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ...requires({ ...needs, unless: place }, name), fn });
}

placed("a certificate must hold, unless its authority lies in certs.d or the registry is called insecure", async () => {
  await using _address = await otherAddress();
  const folder = await Deno.makeTempDir({ prefix: "sauropod-tls-" });
  const tls = await signed(folder, "registry", [`IP:${elsewhere}`]);
  await using registry = await TestRegistry.start({ tls, address: elsewhere });
  await registry.put(await layout(), "a/three:1");
  const name = `${registry.host}/a/three:1`;
  await using strict = new Store({ certificates: [] });
  await assert.rejects(strict.pull(name), { class: "unavailable", message: /certificate/ });
  await using insecure = new Store({ certificates: [], insecure: [`${elsewhere}/24`] });
  await insecure.pull(name);
  await Deno.mkdir(`${folder}/${registry.host}`);
  await Deno.copyFile(tls.authority, `${folder}/${registry.host}/ca.crt`);
  await using trusting = new Store({ certificates: [folder] });
  await trusting.pull(name);
  await Deno.remove(folder, { recursive: true });
});

placed("a certificate that has signed itself is believed when it lies in certs.d, for its own address", async () => {
  await using _address = await otherAddress();
  const folder = await Deno.makeTempDir({ prefix: "sauropod-tls-" });
  for (
    const [name, address, fits] of [["right", elsewhere, true], ["wrong", "10.99.99.2", false]] as const
  ) {
    const tls = await selfSigned(folder, name, [`IP:${address}`]);
    await using registry = await TestRegistry.start({ tls, address: elsewhere });
    await registry.put(await layout(), "a/three:1");
    await Deno.mkdir(`${folder}/${registry.host}`);
    await Deno.copyFile(tls.certificate, `${folder}/${registry.host}/ca.crt`);
    await using store = new Store({ certificates: [folder] });
    if (fits) await store.pull(`${registry.host}/a/three:1`);
    else {await assert.rejects(store.pull(`${registry.host}/a/three:1`), {
        class: "unavailable",
        message: /certificate/,
      });}
  }
  await Deno.remove(folder, { recursive: true });
});

placed("a registry elsewhere is not spoken to without encryption, unless it is called insecure", async () => {
  await using _address = await otherAddress();
  await using registry = await TestRegistry.start({ address: elsewhere });
  await registry.put(await layout(), "a/three:1");
  const name = `${registry.host}/a/three:1`;
  await using strict = new Store();
  await assert.rejects(strict.pull(name), { class: "unavailable", message: /^Get "https:/ });
  await using insecure = new Store({ insecure: [registry.host] });
  await insecure.pull(name);
});

placed("a proxy of the environment is asked for registries elsewhere, and not for those on this machine", async () => {
  await using _address = await otherAddress();
  await using registry = await TestRegistry.start({ address: elsewhere });
  await using here = await TestRegistry.start();
  for (const one of [registry, here]) await one.put(await layout(), "a/three:1");
  await using proxy = new FaultProxy(registry, () => undefined);
  Deno.env.set("HTTP_PROXY", `http://${proxy.host}`);
  try {
    await using store = new Store({ insecure: [registry.host] });
    await store.pull(`${registry.host}/a/three:1`);
    const seen = proxy.seen.length;
    assert.ok(seen > 4);
    await using other = new Store();
    await other.pull(`${here.host}/a/three:1`);
    assert.equal(proxy.seen.length, seen);
  } finally {
    Deno.env.delete("HTTP_PROXY");
    Deno.env.delete("NO_PROXY");
  }
});

test("a mirror is asked for what Docker Hub has, and the next when it fails", async () => {
  await using registry = await TestRegistry.start();
  await registry.put(await layout(), "library/three:1");
  await using bad = new FaultProxy(registry, (request) => isBlob(request) ? { change: flip } : undefined);
  await using store = new Store({ mirrors: ["http://127.0.0.1:4", `http://${bad.host}`, `http://${registry.host}/`] });
  await store.pull("three:1");
  assert.deepEqual(await store.names(), ["three:1"]);
  assert.ok(bad.seen.length > 0);
});
