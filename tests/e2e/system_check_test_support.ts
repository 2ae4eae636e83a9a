/** What the tests of the check of the store share: a store to plant faults in, and what is expected of each fault. */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import type { StoreCheck } from "../../base/docker/system.ts";
import { clientOf, names } from "../support/crash.ts";
import { type Sandbox, until } from "../support/sandbox.ts";
import type { SharedSandbox } from "../support/shared_sandbox.ts";

export const NOBODY = "0".repeat(64);
export const net = ["--network", "none"];

/** What the tests plant faults in; made by the first of them. */
export class Store {
  static #made: Promise<Store> | undefined;

  private constructor(readonly box: Sandbox, readonly ids: ReadonlyMap<string, string>) {}

  static of(box: Sandbox): Promise<Store> {
    return Store.#made ??= Store.#make(box);
  }

  /** `ended` has run, with the volume `data`; `made` has not; `inside` is in the network `own`. */
  static async #make(box: Sandbox): Promise<Store> {
    await box.ok(
      "run",
      "--name",
      "ended",
      ...net,
      "-v",
      "data:/data",
      "busybox",
      "sh",
      "-c",
      "echo x > /data/x; echo y",
    );
    await box.ok("create", "--name", "made", ...net, "busybox");
    await box.ok("network", "create", "own");
    await box.ok("create", "--name", "inside", "--network", "own", "busybox");
    await box.ok("save", "-o", `${box.folder}/busybox.tar`, "busybox");
    const ids = new Map<string, string>();
    for (const name of ["ended", "made", "inside"]) ids.set(name, await box.inspect(name, "{{.Id}}"));
    ids.set("image", await box.ok("image", "inspect", "-f", "{{.Id}}", "busybox"));
    ids.set("layer", await box.ok("image", "inspect", "-f", "{{index .RootFS.Layers 0}}", "busybox"));
    return new Store(box, ids);
  }

  id(of: string): string {
    return this.ids.get(of) ?? "";
  }

  path(below: string): string {
    return `${this.box.folder}/root/${below}`;
  }

  home(container: string): string {
    return this.path(`containers/${this.id(container)}`);
  }

  /** Past the engine, and past SQLite's own checks. */
  sql(text: string, ...values: string[]): void {
    using database = new DatabaseSync(this.path("db.sqlite"), { enableForeignKeyConstraints: false });
    database.prepare(text).run(...values);
  }

  /** The folder of the layer of `busybox`. */
  layer(): string {
    using database = new DatabaseSync(this.path("db.sqlite"));
    return String(database.prepare("SELECT name FROM layers").get()?.["name"]);
  }

  async check(options = {}): Promise<StoreCheck> {
    await using engine = clientOf(this.box);
    return await engine.system.check(options);
  }

  /** What takes the place of what is damaged. */
  async loadAgain(): Promise<void> {
    await this.box.ok("load", "-q", "-i", `${this.box.folder}/busybox.tar`);
  }
}

export interface Plant {
  readonly kind: string;
  /** What differs from others of its kind. */
  readonly how?: string;
  /** What is planted; the engine runs. */
  plant(store: Store): void | Promise<void>;
  /** What its sentence must say. */
  readonly says: RegExp;
  /** What must be done where a repair does nothing; absent: the repair puts it right. */
  cure?(store: Store): void | Promise<void>;
  /** Of what was mended. */
  after?(store: Store): void | Promise<void>;
  readonly digests?: boolean;
  /** What follows from it. */
  readonly also?: readonly string[];
}

/** Plants a fault: it is found and named, a repair does what it should, and then all is well. */
export function planted(
  sandbox: SharedSandbox,
  { kind, how, plant, says, cure, after, digests = false, also = [] }: Plant,
): void {
  const title = `${kind}${how === undefined ? "" : `, ${how}`}`;
  sandbox.test(`${title}: found, and ${cure === undefined ? "mended" : "left to its owner"}`, async (box) => {
    const store = await Store.of(box);
    await plant(store);
    const found = await store.check({ digests });
    assert.deepEqual(found.Problems.map(({ Kind }) => Kind), [kind, ...also]);
    assert.ok(found.Problems.every(({ Repaired }) => !Repaired));
    const [problem] = found.Problems;
    assert.match(problem?.Detail ?? "", says);
    assert.notEqual(problem?.Object, "");

    const { code, stdout } = await box.sauropod(["system", "check", "--repair", ...digests ? ["--digests"] : []]);
    assert.match(stdout, new RegExp(`^${kind}: `));
    const repaired = cure === undefined ? found.Problems.length : 0;
    assert.equal(stdout.split(" (repaired)\n").length - 1, repaired);
    assert.equal(code, cure === undefined ? 0 : 1);
    await cure?.(store);
    assert.deepEqual((await store.check({ digests })).Problems, []);
    await after?.(store);
    await until("nothing is left to be deleted", () => names(store.path("staging")).length === 0);
  });
}

export const folder = (path: string) => Deno.mkdir(path, { recursive: true });
export const moved = (store: Store, path: string) => Deno.renameSync(store.path(path), store.path(`${path}.aside`));
export const movedBack = (store: Store, path: string) => Deno.renameSync(store.path(`${path}.aside`), store.path(path));

/** Changes a byte of a file in place. */
export function flipByte(path: string): void {
  using file = Deno.openSync(path, { read: true, write: true });
  const byte = new Uint8Array(1);
  file.readSync(byte);
  file.seekSync(0, Deno.SeekMode.Start);
  file.writeSync(byte.map((value) => value ^ 1));
}

/** Runs a command that an engine fails at. */
export async function withFailpoint(box: Sandbox, point: string, command: readonly string[]): Promise<void> {
  await box.ok("engine", "stop");
  const { code, stderr } = await box.sauropod(command, { env: { SAUROPOD_FAIL: point } });
  assert.notEqual(code, 0);
  assert.match(stderr, /failpoint/);
}
