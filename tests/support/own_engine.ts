/**
 * An engine in the test's own process, where a command of its own costs too much: in the VM, which is emulated, each takes
 * some ten seconds. Meant for what the kernel does for the engine; how the engine is asked is tested elsewhere.
 */
import assert from "node:assert/strict";
import type { AttachedStreams } from "../../base/container_engine.ts";
import type { ContainerCreate } from "../../base/docker/container.ts";
import { Engine } from "../../engine/engine.ts";
import { readUntil } from "./crash.ts";
import { busyboxRootTar } from "./fixtures.ts";
import { type LeakBaseline, leakBaseline, leaks } from "./leaks.ts";
import { Place } from "./network_place.ts";
import { until } from "./sandbox.ts";

export class OwnEngine implements AsyncDisposable {
  readonly folder: string;
  /** The state folder. */
  readonly root: string;
  readonly #baseline: LeakBaseline;
  readonly #log: string[] = [];
  #engine: Engine | undefined;

  private constructor(folder: string, root: string) {
    this.folder = folder;
    this.root = root;
    this.#baseline = leakBaseline();
  }

  /** With the image `busybox`; its state lies in `root` if that is given. */
  static async open(root?: string): Promise<OwnEngine> {
    const folder = await Deno.makeTempDir({ prefix: "sauropod-test-" });
    const own = new OwnEngine(folder, root ?? `${folder}/root`);
    await own.restart();
    await own.import("busybox", await busyboxRootTar());
    return own;
  }

  get engine(): Engine {
    assert.ok(this.#engine);
    return this.#engine;
  }

  /** The engine leaves and the next one takes over. */
  async restart(): Promise<void> {
    await this.#engine?.[Symbol.asyncDispose]();
    this.#engine = undefined;
    const { folder, root } = this;
    const settings = { root, runDir: `${folder}/run`, socket: `${folder}/run/sauropod.sock` };
    this.#engine = await Engine.open(settings, (message) => this.#log.push(message));
  }

  async import(name: string, tar: string): Promise<void> {
    const file = await Deno.open(tar);
    await Array.fromAsync(this.engine.images.import(file.readable, { reference: name, changes: ['CMD ["sh"]'] }));
  }

  /** Starts a container of busybox that does nothing, unless it is told otherwise. */
  async start(name: string, config: ContainerCreate = {}): Promise<void> {
    const { containers } = this.engine;
    const { Id } = await containers.create({ Image: "busybox", Cmd: ["sleep", "1000"], ...config }, { name });
    await containers.start(Id);
  }

  /** Runs a script in a container without a network, which must succeed and is removed; what it printed, trimmed. */
  async run(script: string, HostConfig: ContainerCreate["HostConfig"] = {}, image = "busybox"): Promise<string> {
    const { containers } = this.engine;
    const host = { NetworkMode: "none", ...HostConfig };
    const { Id } = await containers.create({ Image: image, Cmd: ["sh", "-c", script], HostConfig: host });
    try {
      await using streams = await containers.attach(Id, { stream: true, stdout: true, stderr: true });
      await containers.start(Id);
      const text = await readAll(streams);
      assert.equal((await containers.wait(Id)).StatusCode, 0, `${script}: ${text}`);
      return text;
    } finally {
      await containers.remove(Id, { force: true });
    }
  }

  /** The same in one that runs. */
  async exec(name: string, script: string): Promise<string> {
    const { execs } = this.engine;
    const command = { Cmd: ["sh", "-c", script], AttachStdout: true, AttachStderr: true };
    const { Id } = await execs.create(name, command);
    await using streams = await execs.start(Id);
    const text = streams === undefined ? "" : await readAll(streams);
    await until("the command has ended", async () => !(await execs.inspect(Id)).Running);
    assert.equal((await execs.inspect(Id)).ExitCode, 0, `${script}: ${text}`);
    return text;
  }

  /** The network of a container that runs. */
  async place(name: string): Promise<Place> {
    return Place.process(name, (await this.engine.containers.inspect(name)).State.Pid);
  }

  async remove(...names: readonly string[]): Promise<void> {
    for (const name of names) await this.engine.containers.remove(name, { force: true });
  }

  /** Removes all containers, and fails if anything is left on the machine, or the engine has told of a bug. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.remove(...(await this.engine.containers.list({ all: true })).map(({ Id }) => Id));
    await this.engine[Symbol.asyncDispose]();
    let left: string[] = [];
    await until("nothing is left", () => (left = leaks(this.#baseline, this.folder)).length === 0).catch(() => {});
    assert.deepEqual(left, []);
    assert.deepEqual(this.#log.filter((line) => /bug: /.test(line)), []);
    await Deno.remove(this.folder, { recursive: true });
  }
}

async function readAll(streams: AttachedStreams): Promise<string> {
  return (await readUntil(streams, () => false)).trim();
}
