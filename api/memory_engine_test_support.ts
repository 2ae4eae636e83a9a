/**
 * An engine that only pretends: containers are functions. With it the API is tested without a kernel's help; the
 * commands that it knows are `cat`, `echo`, `both` (a word to stdout, one to stderr, exit 3), `flood MEGABYTES` and
 * `sleep` (until it is killed).
 */
import type {
  AttachedStreams,
  Bytes,
  ContainerEngine,
  Containers,
  Execs,
  Images,
  OutputFrame,
  System,
  TarFile,
} from "../base/container_engine.ts";
import { fileStream } from "../base/file_stream.ts";
import type { ContainerCreate, ContainerInspect, WaitResult } from "../base/docker/container.ts";
import type { ExecCreate } from "../base/docker/exec.ts";
import type { EventMessage } from "../base/docker/system.ts";
import { conflict, notFound, notModified, unimplemented } from "../base/errors.ts";
import { Channel } from "./channel_test_support.ts";
import { MemoryFiles } from "./memory_files_test_support.ts";
import { MemoryNetworks, told } from "./memory_networks_test_support.ts";
import { MemoryVolumes } from "./memory_volumes_test_support.ts";

const text = (words: string): Bytes => new TextEncoder().encode(words);

/** A process that pretends, and whoever is attached to it. */
class Process {
  readonly log: OutputFrame[] = [];
  readonly readers = new Set<Channel<OutputFrame>>();
  readonly received: Bytes[] = [];
  readonly ended: PromiseWithResolvers<number> = Promise.withResolvers();
  state: "created" | "running" | "exited" = "created";
  exitCode = 0;
  #inputEnded = false;

  constructor(readonly command: readonly string[], readonly tty: boolean) {}

  start(): void {
    this.state = "running";
    const [name, ...words] = this.command;
    if (name === "cat") {
      for (const data of this.received) this.print("stdout", data);
      if (this.#inputEnded) this.end(0);
    }
    if (name === "echo") this.#finish(() => this.print("stdout", text(`${words.join(" ")}\n`)), 0);
    if (name === "flood") {
      this.#finish(() => {
        for (let i = 0; i < Number(words[0]) * 16; i++) this.print("stdout", new Uint8Array(65536).fill(i));
      }, 0);
    }
    if (name === "both") {
      this.#finish(() => {
        this.print("stdout", text("out\n"));
        this.print("stderr", text("err\n"));
      }, 3);
    }
  }

  #finish(work: () => void, code: number): void {
    work();
    this.end(code);
  }

  print(stream: OutputFrame["stream"], data: Bytes): void {
    this.log.push({ stream, data });
    for (const reader of this.readers) reader.push({ stream, data });
  }

  input(data: Bytes): void {
    this.received.push(data);
    if (this.command[0] === "cat" && this.state === "running") this.print("stdout", data);
  }

  closeStdin(): void {
    this.#inputEnded = true;
    if (this.command[0] === "cat" && this.state === "running") this.end(0);
  }

  end(code: number): void {
    this.state = "exited";
    this.exitCode = code;
    for (const reader of this.readers) reader.end();
    this.readers.clear();
    this.ended.resolve(code);
  }

  attach(onRelease: () => void): AttachedStreams {
    const output = new Channel<OutputFrame>();
    if (this.state === "exited") output.end();
    else this.readers.add(output);
    return {
      tty: this.tty,
      output,
      write: (data) => Promise.resolve(this.input(data)),
      closeStdin: () => Promise.resolve(this.closeStdin()),
      [Symbol.asyncDispose]: () => {
        this.readers.delete(output);
        output.end();
        onRelease();
        return Promise.resolve();
      },
    };
  }
}

interface Container {
  readonly id: string;
  readonly name: string;
  readonly config: ContainerCreate;
  readonly process: Process;
  removed: PromiseWithResolvers<number>;
}

interface Exec {
  readonly id: string;
  readonly config: ExecCreate;
  readonly container: Container;
  readonly process: Process;
}

/** Answers that a test does not need. */
function lacks(): never {
  throw unimplemented("the pretended engine lacks it");
}

export class MemoryEngine implements ContainerEngine {
  readonly byId = new Map<string, Container>();
  readonly execById = new Map<string, Exec>();
  readonly followers = new Set<Channel<EventMessage>>();
  /** What was asked for: `create`, `wait`, `start` … in order. */
  readonly calls: string[] = [];
  /** Attached streams that nobody has released. */
  attached = 0;
  /** The files that they took them from, where these did not come as a stream. */
  readonly takenFrom: string[] = [];
  /** Bytes that load and import took. */
  taken = 0;
  isBusy = false;

  busy(): boolean {
    return this.isBusy;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.calls.push("dispose");
    return Promise.resolve();
  }

  find(id: string): Container {
    for (const container of this.byId.values()) {
      if (container.id.startsWith(id) || container.name === id) return container;
    }
    throw notFound(`No such container: ${id}`);
  }

  #execById(id: string): Exec {
    const exec = this.execById.get(id);
    if (exec === undefined) throw notFound(`No such exec instance: ${id}`);
    return exec;
  }

  emit(Action: string, container: Container): void {
    const event: EventMessage = {
      Type: "container",
      Action,
      Actor: { ID: container.id, Attributes: { name: container.name } },
      scope: "local",
      time: 1,
      timeNano: 1e9,
    };
    for (const follower of this.followers) follower.push(event);
  }

  #attach(process: Process): AttachedStreams {
    this.attached++;
    return process.attach(() => this.attached--);
  }

  readonly files: MemoryFiles = new MemoryFiles();
  readonly containers: Containers = {
    create: (config, { name = `c${this.byId.size}` } = {}) => {
      this.calls.push("create");
      if (config.Image === "absent") throw notFound("No such image: absent:latest");
      if ([...this.byId.values()].some((other) => other.name === name)) {
        throw conflict(`Conflict. The container name "/${name}" is already in use`);
      }
      const id = (this.byId.size + 1).toString(16).padStart(64, "0");
      const process = new Process(config.Cmd ?? [], config.Tty ?? false);
      this.byId.set(id, { id, name, config, process, removed: Promise.withResolvers() });
      if (config.HostConfig?.AutoRemove) process.ended.promise.then(() => this.containers.remove(id));
      return Promise.resolve({ Id: id, Warnings: [] });
    },
    start: (id, { explain = false } = {}) => {
      this.calls.push("start");
      const container = this.find(id);
      if (container.process.state === "running") throw notModified("already running");
      container.process.start();
      this.emit("start", container);
      return Promise.resolve(told(explain, "start"));
    },
    stop: (id) => {
      const { process } = this.find(id);
      if (process.state !== "running") throw notModified("not running");
      process.end(143);
      return Promise.resolve();
    },
    restart: () => Promise.resolve(),
    kill: (id) => {
      const { process } = this.find(id);
      if (process.state !== "running") throw conflict(`Cannot kill container: ${id}: container is not running`);
      process.end(137);
      return Promise.resolve();
    },
    pause: () => Promise.resolve(),
    unpause: () => Promise.resolve(),
    rename: () => Promise.resolve(),
    update: (_id, changes) => Promise.resolve({ Warnings: [JSON.stringify(changes)] }),
    remove: (id) => {
      const container = this.find(id);
      this.byId.delete(container.id);
      container.removed.resolve(container.process.exitCode);
      return Promise.resolve();
    },
    prune: () => Promise.resolve({ ContainersDeleted: [], SpaceReclaimed: 0 }),
    inspect: async (id) => await inspection(this.find(id)),
    list: async () => await [],
    top: () => lacks(),
    changes: () => Promise.resolve([{ Path: "/a", Kind: 1 }]),
    ...this.files.of((id) => this.find(id).name),
    export: (id) => Promise.resolve(ReadableStream.from([text(`tar of ${this.find(id).name}`)])),
    commit: (id, options) => Promise.resolve({ Id: `sha256:${this.find(id).name} ${JSON.stringify(options)}` }),
    wait: async (id, { condition = "not-running", signal } = {}): Promise<WaitResult> => {
      this.calls.push("wait");
      const container = this.find(id);
      const gone = Promise.withResolvers<number>();
      signal?.addEventListener("abort", () => gone.reject(conflict("nobody waits any more")));
      const ended = condition === "removed" ? container.removed.promise : container.process.ended.promise;
      return { StatusCode: await Promise.race([ended, gone.promise]) };
    },
    logs: async (id, { follow = false, signal } = {}) => {
      const { process } = await this.find(id);
      const frames = new Channel<OutputFrame>();
      for (const frame of process.log) frames.push(frame);
      if (follow && process.state !== "exited") process.readers.add(frames);
      else frames.end();
      signal?.addEventListener("abort", () => {
        process.readers.delete(frames);
        frames.end();
      });
      return { tty: process.tty, frames };
    },
    attach: async (id) => {
      this.calls.push("attach");
      return await this.#attach(this.find(id).process);
    },
    resize: () => Promise.resolve(),
    stats: () => lacks(),
    explain: (id) => Promise.resolve({ architecture: this.find(id).id, entries: [] }),
  };

  readonly execs: Execs = {
    create: async (id, config) => {
      const container = await this.find(id);
      const exec = `e${this.execById.size}`;
      this.execById.set(exec, { id: exec, config, container, process: new Process(config.Cmd, config.Tty ?? false) });
      return { Id: exec };
    },
    start: async (id, { detach = false } = {}) => {
      const { process } = await this.#execById(id);
      if (process.command[0] === "absent") {
        process.exitCode = 127;
        throw notFound('exec: "absent": executable file not found in $PATH');
      }
      const streams = detach ? undefined : this.#attach(process);
      process.start();
      return streams;
    },
    inspect: async (id) => {
      const { container, process, config } = await this.#execById(id);
      return {
        ID: id,
        ContainerID: container.id,
        Running: process.state === "running",
        ExitCode: process.exitCode,
        Pid: 0,
        CanRemove: false,
        DetachKeys: "",
        OpenStdin: config.AttachStdin ?? false,
        OpenStdout: true,
        OpenStderr: true,
        ProcessConfig: { tty: process.tty, entrypoint: "", arguments: [], privileged: false },
      };
    },
    resize: () => Promise.resolve(),
    explain: () => Promise.resolve({ architecture: "x86_64", entries: [] }),
  };

  readonly images: Images = {
    list: async () => await [],
    inspect: (name) => Promise.reject(notFound(`No such image: ${name}`)),
    history: () => lacks(),
    tag: () => Promise.resolve(),
    remove: (name) => Promise.resolve([{ Untagged: name }]),
    prune: () => lacks(),
    load: (tar) => this.#take(tar),
    import: (tar) => this.#take(tar),
    pull: (name) => {
      throw notFound(`pull access denied for ${name}`);
    },
    push: () => lacks(),
    search: () => lacks(),
    login: () => lacks(),
    save: (names) => {
      if (names.includes("absent")) throw notFound("No such image: absent");
      return Promise.resolve(new Blob([names.join()]).stream());
    },
  };

  async *#take(tar: ReadableStream<Bytes> | TarFile) {
    if ("path" in tar) this.takenFrom.push(tar.path);
    for await (const chunk of "path" in tar ? fileStream(Deno.openSync(tar.path)) : tar) {
      if (chunk[0] === 0xff) throw conflict("this is no tar");
      if (chunk[0] === 0xfe) {
        yield { status: "Loading layer", id: "1" };
        throw conflict("the layer is broken");
      }
      this.taken += chunk.length;
    }
    yield { stream: "Loaded image: x:latest\n" };
  }

  readonly networks = new MemoryNetworks();
  readonly volumes = new MemoryVolumes();

  readonly system: System = {
    info: () => Promise.reject(new TypeError("a bug")),
    version: async () => await SYSTEM_VERSION,
    events: ({ signal } = {}) => {
      const events = new Channel<EventMessage>();
      this.followers.add(events);
      signal?.addEventListener("abort", () => {
        this.followers.delete(events);
        events.end();
      });
      return events;
    },
    diskUsage: async () => await {},
    check: async ({ progress, signal: _signal, ...asked } = {}) => {
      this.calls.push(`check ${JSON.stringify(asked)}`);
      for (let current = 0; progress !== undefined && current <= 2; current++) {
        progress({ current, total: 2 });
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      if (asked.repair && asked.digests) throw conflict("one thing at a time");
      return { Checked: { images: 1 }, Problems: [] };
    },
  };
}

const SYSTEM_VERSION = {
  Platform: { Name: "Sauropod" },
  Components: [],
  Version: "0.1.0",
  ApiVersion: "1.47",
  MinAPIVersion: "1.24",
  GitCommit: "",
  GoVersion: "",
  Os: "linux",
  Arch: "amd64",
  KernelVersion: "",
  BuildTime: "",
};

/** As much of an inspection as clients look at. */
function inspection({ id, name, config, process }: Container): ContainerInspect {
  return {
    Id: id,
    Name: `/${name}`,
    Image: "sha256:0",
    State: { Status: process.state, Running: process.state === "running", ExitCode: process.exitCode },
    Config: { ...config, Env: [], Labels: {} },
    HostConfig: { ...config.HostConfig, NetworkMode: "none" },
    NetworkSettings: { Networks: {}, MacAddress: "" },
  } as unknown as ContainerInspect;
}
