/** Containers from plain folders, without engine, store and network: the start itself under test. */
import { capabilitySets, resolveCapabilities } from "../../runtime/capabilities.ts";
import type { ContainerSpec, ExecSpec, ProcessSpec, Stdio } from "../../runtime/container_spec.ts";
import { type KeeperRecord, readRecord } from "../../runtime/keeper.ts";
import { MASKED_PATHS, READ_ONLY_PATHS } from "../../runtime/masked_paths.ts";
import { Reactor } from "../../runtime/reactor.ts";
import { machineOf, thisMachine } from "../../runtime/start/machine.ts";
import { type Started, startProcess, type StartWish } from "../../runtime/start/start.ts";
import { makeStdio, type StdioWish } from "../../runtime/stdio.ts";
import type { Fd } from "../../sys/fd.ts";
import { read, writeAll } from "../../sys/file.ts";
import { isErrno } from "../../sys/syscall_error.ts";
import { busyboxRoot } from "./fixtures.ts";

/** A folder with what a container needs on the disk; gone when it is disposed of. */
export class Place implements Disposable {
  readonly folder: string;

  constructor() {
    this.folder = Deno.makeTempDirSync({ prefix: "sauropod-start-" });
    for (const name of ["layers", "upper", "work", "merged"]) Deno.mkdirSync(`${this.folder}/${name}`);
  }

  get upper(): string {
    return `${this.folder}/upper`;
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.folder, { recursive: true });
  }
}

/** What a test wants to differ from {@link plainSpec}. */
export type SpecWish = Partial<Omit<ContainerSpec, "process" | "root">> & {
  readonly process?: Partial<ProcessSpec>;
  readonly root?: Partial<ContainerSpec["root"]>;
};

export const PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

export function processSpec(wish: Partial<ProcessSpec>): ProcessSpec {
  const user = wish.user ?? { uid: 0, gid: 0, groups: [0] };
  return {
    args: ["true"],
    env: [PATH],
    cwd: "/",
    user,
    terminal: false,
    capabilities: capabilitySets(resolveCapabilities({}), user.uid),
    noNewPrivileges: false,
    rlimits: [],
    ...wish,
  };
}

/** A container as docker would make it without options, out of the busybox folder. */
export async function plainSpec(place: Place, wish: SpecWish = {}): Promise<ContainerSpec> {
  return {
    id: "c".repeat(64),
    namespaces: { pid: "new", net: "new", ipc: "new", uts: "new", cgroup: "new" },
    hostname: "box",
    domainname: "",
    cgroup: { tasks: [] },
    cgroupMounts: [],
    mounts: [],
    devices: [],
    privileged: false,
    maskedPaths: MASKED_PATHS.map(({ path }) => path),
    readonlyPaths: READ_ONLY_PATHS.map(({ path }) => path),
    shm: { size: 64 << 20 },
    sysctls: {},
    init: false,
    ...wish,
    root: {
      layersFolder: `${place.folder}/layers`,
      lowers: [await busyboxRoot()],
      upper: "../upper",
      work: "../work",
      merged: "../merged",
      readonly: false,
      ...wish.root,
    },
    process: processSpec(wish.process ?? {}),
  };
}

/** A process that was started, with what it has printed. */
export class Running implements AsyncDisposable {
  readonly started: Started;
  readonly stdio: Stdio;
  readonly #reactor: Reactor;
  readonly #recordPath: string;
  readonly #texts: Promise<string>[];

  private constructor(started: Started, stdio: Stdio, reactor: Reactor, recordPath: string) {
    this.started = started;
    this.stdio = stdio;
    this.#reactor = reactor;
    this.#recordPath = recordPath;
    const { stdin, stdout, stderr } = stdio.engine;
    const outputs = stdio.terminal ? [stdin] : [stdout, stderr];
    this.#texts = outputs.map((fd) => fd === undefined ? Promise.resolve("") : readToEnd(fd, reactor));
  }

  /** `kernel` is the release that the tape is written for, this machine's unless told. */
  static async start(
    spec: ContainerSpec,
    place: Place,
    wish: Partial<StdioWish> = {},
    kernel = Deno.osRelease(),
  ): Promise<Running> {
    const { terminal, user } = spec.process;
    return await Running.#launch(
      { container: spec },
      place,
      { terminal, stdin: false, owner: user.uid, ...wish },
      kernel,
    );
  }

  static async exec(spec: ExecSpec, place: Place, wish: Partial<StdioWish> = {}): Promise<Running> {
    const { terminal, user } = spec.process;
    return await Running.#launch({ exec: spec }, place, { terminal, stdin: false, owner: user.uid, ...wish });
  }

  static async #launch(
    wish: StartWish,
    place: Place,
    streams: StdioWish,
    kernel = Deno.osRelease(),
  ): Promise<Running> {
    const reactor = new Reactor({
      onError: (error) => {
        throw error;
      },
    });
    const stdio = makeStdio(streams);
    const machine = machineOf(Deno.build.arch, kernel, thisMachine().lastCapability);
    const recordPath = `${place.folder}/record-${crypto.randomUUID()}`;
    try {
      const started = await startProcess(wish, stdio, recordPath, reactor, machine);
      return new Running(started, stdio, reactor, recordPath);
    } catch (error) {
      for (const fd of Object.values(stdio.engine)) fd?.close();
      await reactor[Symbol.asyncDispose]();
      throw error;
    }
  }

  write(text: string): void {
    const { stdin } = this.stdio.engine;
    if (stdin !== undefined) writeAll(stdin, new TextEncoder().encode(text));
  }

  closeStdin(): void {
    this.stdio.engine.stdin?.close();
    this.started.keeper.closeStdin();
  }

  /** Waits for the end: what was printed (by stdout, stderr) and how it ended. */
  async end(): Promise<{ stdout: string; stderr: string; exitCode: number | undefined; record: KeeperRecord }> {
    await this.started.keeper.ended(this.#reactor);
    this.started.keeper.kill();
    const [stdout = "", stderr = ""] = await Promise.all(this.#texts);
    const record = readRecord(this.#recordPath);
    return { stdout, stderr, exitCode: record.end?.exitCode, record };
  }

  /** Waits until the keeper itself has ended. */
  async keeperGone(): Promise<void> {
    await this.started.keeper.gone(this.#reactor);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { keeper, process, ended } = this.started;
    keeper.killWithProcess();
    await keeper.gone(this.#reactor);
    keeper[Symbol.dispose]();
    for (const fd of [process, ended, ...Object.values(this.stdio.engine)]) fd?.close();
    await this.#reactor[Symbol.asyncDispose]();
  }
}

/** Starts a container and waits for its end. */
export async function runContainer(wish: SpecWish, streams: Partial<StdioWish> = {}): ReturnType<Running["end"]> {
  using place = new Place();
  await using running = await Running.start(await plainSpec(place, wish), place, streams);
  return await running.end();
}

/** What `sh -c script` prints in a plain container, in lines. */
export async function linesOf(script: string, wish: SpecWish = {}): Promise<string[]> {
  const { stdout, stderr, exitCode } = await runContainer({
    ...wish,
    process: { ...wish.process, args: ["sh", "-c", script] },
  });
  if (exitCode !== 0) throw new Error(`${script} ended with ${exitCode}: ${stderr}${stdout}`);
  return stdout.split("\n").slice(0, -1);
}

async function readToEnd(fd: Fd, reactor: Reactor): Promise<string> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  using _watch = reactor.watch(fd, {
    read: () => {
      try {
        const chunk = new Uint8Array(65536);
        const n = read(fd, chunk);
        if (n === 0) return resolve();
        chunks.push(chunk.subarray(0, n));
      } catch (error) {
        if (isErrno(error, "EIO")) resolve(); // a terminal whose last slave is closed
        else if (!isErrno(error, "EAGAIN")) reject(error);
      }
    },
  });
  await promise;
  return await new Blob(chunks).text();
}
