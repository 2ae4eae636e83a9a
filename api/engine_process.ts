/** The engine as a process of its own: one per run-time folder, from its first check to its orderly end. */
import { describeError, EngineError, unavailable } from "../base/errors.ts";
import type { ContainerEngine } from "../base/container_engine.ts";
import type { Settings } from "../base/settings.ts";
import type { Fd } from "../sys/fd.ts";
import { truncate, tryLock, writeAll } from "../sys/file.ts";
import { ignoreSignal } from "../sys/ignore_signal.ts";
import { O, open } from "../sys/open.ts";
import { SyscallError } from "../sys/syscall_error.ts";
import { serve, type Server } from "./serve.ts";
import { folderOf, makeSocketFolder } from "./socket_file.ts";

/** The engine as far as its process has to know it. */
export interface ServedEngine extends ContainerEngine {
  /** Whether something goes on that needs the engine without anybody asking for it: a container runs, a layer unpacks. */
  busy(): boolean;
}

export interface EngineProcessOptions {
  /** Leaves by itself after so many milliseconds without a request and with nothing to do; absent: never. */
  readonly idle?: number;
  /** Takes the lines of the log; standard error, with the time before each, unless told. */
  readonly log?: (line: string) => void;
  /** Opens the engine; that of engine/ unless told. */
  readonly open?: (settings: Settings) => Promise<ServedEngine>;
  /** Ends the process as SIGTERM does. */
  readonly signal?: AbortSignal;
  /** What the machine is; what it really is unless told. */
  readonly machine?: Machine;
}

export interface Machine {
  readonly uid: number | null;
  readonly kernel: string;
  /** Text of /proc/self/mounts. */
  readonly mounts: string;
}

/**
 * Runs the engine until SIGTERM, SIGINT, `POST /engine/stop` or `idle` ends it; containers go on. Settles with the
 * exit code: 0, or 1 after one line in the log that says why it cannot run. The socket accepts only when everything is
 * open; whoever starts an engine waits for that.
 */
export async function runEngine(settings: Settings, options: EngineProcessOptions = {}): Promise<number> {
  const { log = logLine } = options;
  try {
    const problem = unfit(options.machine ?? thisMachine());
    if (problem !== undefined) throw unavailable(problem);
    await makeRunDir(settings);
    using lock = takeLock(settings.runDir);
    await runLocked(settings, lock, options, log);
    return 0;
  } catch (error) {
    const expected = error instanceof EngineError || error instanceof SyscallError;
    log(`sauropod engine: ${expected || !(error instanceof Error) ? describeError(error) : error.stack}`);
    return 1;
  }
}

async function runLocked(
  settings: Settings,
  lock: Fd,
  { idle, open = openEngine, signal }: EngineProcessOptions,
  log: (line: string) => void,
): Promise<void> {
  const stop = Promise.withResolvers<string>();
  using _bugs = onBugs(log);
  using _inspector = withoutInspector();
  // From here on, so that a signal during a long start ends it in order, too.
  using _signals = onSignals((name) => stop.resolve(name));
  signal?.addEventListener("abort", () => stop.resolve("abort"));
  if (signal?.aborted) stop.resolve("abort");
  await using engine = await open(settings);
  await using server = await serve(engine, {
    socket: settings.socket,
    log,
    stop: () => stop.resolve("POST /engine/stop"),
  });
  writeAll(lock, new TextEncoder().encode(`${Deno.pid} ${server.socket}\n`));
  log(`listening on ${server.socket}`);
  using _idle = idle === undefined ? undefined : onIdle(engine, server, idle, () => stop.resolve(`${idle} ms idle`));
  log(`ending: ${await stop.promise}`);
}

async function openEngine(settings: Settings): Promise<ServedEngine> {
  const { Engine } = await import("../engine/engine.ts");
  return await Engine.open(settings);
}

/** The sentence that says why no engine can run here; undefined if one can. */
export function unfit({ uid, kernel, mounts }: Machine): string | undefined {
  if (uid !== 0) return "it must run as root: try again with sudo";
  const [major = 0, minor = 0] = kernel.split(/[.-]/).map(Number);
  if (major < 5 || (major === 5 && minor < 10)) return `it needs Linux 5.10 or newer, this is ${kernel}`;
  const types = mounts.split("\n").map((line) => line.split(" ")[2]);
  if (!types.includes("cgroup") && !types.includes("cgroup2")) {
    return "it needs cgroups, and none are mounted: mount -t cgroup2 cgroup2 /sys/fs/cgroup";
  }
  return undefined;
}

function thisMachine(): Machine {
  return { uid: Deno.uid(), kernel: Deno.osRelease(), mounts: Deno.readTextFileSync("/proc/self/mounts") };
}

/** The records in it decide what root does: nobody else may have made it, or may write to it. */
async function makeRunDir({ runDir, socket }: Settings): Promise<void> {
  try {
    if (folderOf(socket) === runDir) await makeSocketFolder(runDir);
    else await Deno.mkdir(runDir, { recursive: true, mode: 0o700 });
    const { uid, mode } = await Deno.stat(runDir);
    if (uid === Deno.uid() && ((mode ?? 0) & 0o022) === 0) return;
  } catch (cause) {
    throw unavailable(`cannot make the run-time folder ${runDir}`, { cause });
  }
  throw unavailable(`the run-time folder ${runDir} must be root's, and nobody else may write to it`);
}

function takeLock(runDir: string): Fd {
  const path = `${runDir}/engine.lock`;
  const lock = open(path, O.RDWR | O.CREAT | O.NOFOLLOW, { mode: 0o600 });
  if (!tryLock(lock)) {
    lock.close();
    const [pid = "", socket = ""] = Deno.readTextFileSync(path).trim().split(" ");
    const where = socket && `, and listens on unix://${socket}`;
    throw unavailable(`another engine ${pid && `(process ${pid}) `}runs with ${runDir}${where}`);
  }
  truncate(lock, 0);
  return lock;
}

function onSignals(stop: (name: string) => void): Disposable {
  const names = ["SIGTERM", "SIGINT"] as const;
  const listeners = names.map((name) => [name, () => stop(name)] as const);
  for (const [name, listener] of listeners) Deno.addSignalListener(name, listener);
  return {
    [Symbol.dispose]() {
      for (const [name, listener] of listeners) Deno.removeSignalListener(name, listener);
    },
  };
}

/**
 * Half a second after its start Deno makes SIGUSR1 open its inspector on 127.0.0.1 (2.9.2, no option against it), by
 * which any user of the machine could run code as root. So it is ignored as soon as Deno listens to it; before that the
 * signal ends the engine, as it ends any program.
 */
function withoutInspector(): Disposable {
  const SIGUSR1 = 10;
  const timer = setInterval(() => {
    const [, caught = "0"] = /^SigCgt:\s*(\w+)$/m.exec(Deno.readTextFileSync("/proc/self/status")) ?? [];
    if ((BigInt(`0x${caught}`) >> BigInt(SIGUSR1 - 1) & 1n) === 0n) return;
    ignoreSignal(SIGUSR1);
    clearInterval(timer);
  }, 20);
  Deno.unrefTimer(timer);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

/** What nobody has caught is a bug of one request or one container: the others, and their clients, go on. */
function onBugs(log: (line: string) => void): Disposable {
  const tell = (event: Event, error: unknown) => {
    event.preventDefault();
    log(`bug: nobody has caught ${error instanceof Error ? error.stack : error}`);
  };
  const onError = (event: ErrorEvent) => tell(event, event.error);
  const onRejection = (event: PromiseRejectionEvent) => tell(event, event.reason);
  globalThis.addEventListener("error", onError);
  globalThis.addEventListener("unhandledrejection", onRejection);
  return {
    [Symbol.dispose]() {
      globalThis.removeEventListener("error", onError);
      globalThis.removeEventListener("unhandledrejection", onRejection);
    },
  };
}

/** Looks a few times per `idle` period; idle is what has neither a request nor work of its own all that time. */
function onIdle(engine: ServedEngine, server: Server, idle: number, leave: () => void): Disposable {
  let lastBusy = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    if (engine.busy() || server.idleSince === undefined) lastBusy = now;
    if (now - Math.max(lastBusy, server.idleSince ?? now) >= idle) leave();
  }, Math.max(10, idle / 4));
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

function logLine(line: string): void {
  console.error(`${new Date().toISOString()} ${line}`);
}
