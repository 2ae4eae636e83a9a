/** What tests with registries share: a store of their own, an image to send about, a registry behind faults. */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import type { ProgressMessage } from "../../base/docker/image.ts";
import type { TarLimits } from "../../base/tar/reader.ts";
import { trashEmptied } from "../../fs/trash.ts";
import type { RegistrySettings } from "../../image/registry/endpoint.ts";
import { IMAGE_SCHEMA } from "../../image/schema.ts";
import { digestOf } from "../../image/digest.ts";
import { ImageStore } from "../../image/store.ts";
import { run } from "../support/command.ts";
import { type Fault, FaultProxy, type Faults } from "../support/fault_proxy.ts";
import { busyboxRootTar, fixtureFolder, tarFolder } from "../support/fixtures.ts";
import { TestRegistry } from "../support/registry.ts";
import { requires } from "../support/requires.ts";

export const needs = { root: true, command: ["docker-registry", "skopeo", "umoci", "busybox", "perl", "openssl"] };

export function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ...requires(needs, name), fn });
}

/** An OCI layout with an image of three layers, two of which do not compress. */
let made: Promise<string> | undefined;
export function layout(): Promise<string> {
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

export class Store implements AsyncDisposable {
  readonly root = Deno.makeTempDirSync({ prefix: "sauropod-registry-store-" });
  readonly events: string[] = [];
  readonly images: ImageStore;
  readonly #database: DatabaseSync;

  constructor(settings: Partial<RegistrySettings> = {}, limits: Partial<TarLimits> = {}) {
    for (const folder of ["layers", "staging", "containers"]) Deno.mkdirSync(`${this.root}/${folder}`);
    this.#database = new DatabaseSync(`${this.root}/db.sqlite`, { enableForeignKeyConstraints: true });
    this.#database.exec(IMAGE_SCHEMA);
    this.images = new ImageStore({
      database: this.#database,
      root: this.root,
      usedBy: () => [],
      emit: (action, _id, name) => this.events.push(`${action} ${name}`),
      registries: { retryDelay: 20, ...settings },
      limits,
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
    this.images[Symbol.dispose]();
    await trashEmptied(this.root);
    this.#database.close();
    await Deno.remove(this.root, { recursive: true });
  }
}

export const isBlob = (request: Request) => request.method === "GET" && /\/blobs\//.test(request.url);
export const isManifest = (request: Request) => request.method === "GET" && /\/manifests\//.test(request.url);
/** Large enough to be one of the two that are random. */
export const large = 3 << 20;

/** A registry with the image `a/three:1`, a proxy before it, and a store. */
export async function behind(faults: Faults, fn: (store: Store, proxy: FaultProxy) => Promise<void>): Promise<void> {
  await using registry = await TestRegistry.start();
  await registry.put(await layout(), "a/three:1");
  await using proxy = new FaultProxy(registry, faults);
  await using store = new Store();
  await fn(store, proxy);
  assert.deepEqual(store.staged(), []);
}

export async function putManifest(
  host: string,
  name: string,
  tag: string,
  body: unknown,
  mediaType: string,
): Promise<void> {
  const headers = { "content-type": mediaType };
  const url = `http://${host}/v2/${name}/manifests/${tag}`;
  const response = await fetch(url, { method: "PUT", headers, body: JSON.stringify(body) });
  assert.equal(response.status, 201, await response.text());
}

/** What a list says of an image that is there under `name`. */
export async function described(registry: TestRegistry, name: string, mediaType: string) {
  const raw = await fetch(`http://${registry.host}/v2/${name.replace(":", "/manifests/")}`, {
    headers: { accept: mediaType },
  });
  const bytes = await raw.bytes();
  return { mediaType, digest: digestOf(bytes), size: bytes.length };
}

/** An OCI layout with an image of six small layers. */
let six: Promise<string> | undefined;
export function manyLayers(): Promise<string> {
  return six ??= (async () => {
    const path = `${fixtureFolder()}/six-layers`;
    const image = `${path}:latest`;
    await run(["umoci", "init", "--layout", path]);
    await run(["umoci", "new", "--image", image]);
    for (let i = 0; i < 6; i++) {
      await Deno.mkdir(`${path}-${i}`);
      await Deno.writeTextFile(`${path}-${i}/file-${i}`, `of layer ${i}`);
      await tarFolder(`${path}-${i}`, `${path}-${i}.tar`);
      await run(["umoci", "raw", "add-layer", "--image", image, `${path}-${i}.tar`]);
    }
    return `oci:${image}`;
  })();
}

export const DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json";
export const DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";
export const INDEX = "application/vnd.oci.image.index.v1+json";
export const MANIFEST = "application/vnd.oci.image.manifest.v1+json";

export const once = (fault: Fault, which = isBlob): Faults => (request, times) =>
  which(request) && times === 0 ? fault : undefined;

export const flip = (bytes: Uint8Array<ArrayBuffer>) =>
  bytes.map((byte, i) => i === bytes.length - 9 ? byte ^ 1 : byte);
