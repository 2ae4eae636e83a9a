/**
 * Starts an engine that outlives the command: own session, output to a log file. One command at a time does it, under a
 * lock; who waited for the lock finds the socket open.
 */
import { isNobody } from "../api/client/http.ts";
import { unavailable } from "../base/errors.ts";
import type { Settings } from "../base/settings.ts";

/** Starting takes some 100 ms; recovery of many containers, or an emulated machine, more. One that cannot start says so at once. */
const longestStart = 60_000;
const pollEvery = 4;
/** An engine that a command has started leaves after so long with nothing to do. */
const idle = "5m";
/**
 * What keeps the engine small: 58 MB idle and 75 with 50 containers, against 72 and 92, and containers start as fast. V8
 * would let the memory of short-lived objects grow to 32 MB, and Deno brings in all code that it has kept compiled (2 MB;
 * to do without costs 40 ms at the start; stub.sh reads that). Who has set these knows better.
 */
const frugal = { DENO_V8_FLAGS: "--optimize-for-size,--max-semi-space-size=2", SAUROPOD_NO_CODE_CACHE: "1" };

/**
 * Settles when an engine listens on the socket. `closeOnExec` is called before it starts: nothing that our caller has open,
 * be it a lock or a pipe whose end somebody waits for, may stay open as long as the engine runs.
 * @throws `unavailable` with what the engine said, if it does not start
 */
export async function startEngine(settings: Settings, closeOnExec: () => Promise<void>): Promise<void> {
  await makeRunDir(settings.runDir);
  using lock = await openLock(`${settings.runDir}/start.lock`);
  await lock.lock(true);
  if (await listens(settings.socket)) return;
  await closeOnExec();
  const log = `${settings.runDir}/engine.log`;
  const from = await sizeOf(log);
  const child = spawnEngine(settings, log);
  let ended: Deno.CommandStatus | undefined;
  child.status.then((status) => ended = status);
  for (const deadline = Date.now() + longestStart; Date.now() < deadline;) {
    if (await listens(settings.socket)) return;
    // Another engine may have been faster: then ours leaves, and that one listens.
    if (ended !== undefined) {
      if (await listens(settings.socket)) return;
      throw unavailable(await complaint(log, from) ?? `the engine left at once (${describe(ended)}), see ${log}`);
    }
    await new Promise((resolve) => setTimeout(resolve, pollEvery));
  }
  const said = await complaint(log, from);
  throw unavailable(
    `the engine does not listen on ${settings.socket} after ${longestStart / 1000} s` +
      (said === undefined ? `, see ${log}` : `: ${said}`),
  );
}

/** Whether somebody accepts connections there. */
export async function listens(socket: string): Promise<boolean> {
  try {
    (await Deno.connect({ transport: "unix", path: socket })).close();
    return true;
  } catch (error) {
    if (isNobody(error)) return false;
    throw error;
  }
}

/**
 * The engine runs through a shell that only redirects and execs: Deno.Command can give a child no file as its output, and
 * a pipe would end with this command.
 */
function spawnEngine(settings: Settings, log: string): Deno.ChildProcess {
  const { root, runDir, socket, publishedPortRange: range, icc, insecureRegistries = [], registryMirrors = [] } =
    settings;
  const [program, ...args] = selfCommand();
  const ports = range === undefined ? [] : ["--published-port-range", range];
  const registries = [
    ...insecureRegistries.flatMap((one) => ["--insecure-registry", one]),
    ...registryMirrors.flatMap((one) => ["--registry-mirror", one]),
  ];
  const engine = [
    "--root",
    root,
    "--run-dir",
    runDir,
    "--host",
    `unix://${socket}`,
    ...ports,
    ...icc === undefined ? [] : [`--icc=${icc}`],
    ...registries,
    "engine",
    "--idle",
    idle,
  ];
  const child = new Deno.Command("/bin/sh", {
    args: [
      "-c",
      'umask 077; exec 2>>"$1" >&2; umask 022; shift; exec "$@"',
      "sh",
      log,
      program ?? "",
      ...args,
      ...engine,
    ],
    cwd: "/",
    env: { ...frugal, ...Deno.env.toObject() },
    detached: true,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  child.unref();
  return child;
}

/** The words that start this program again: the single file, or Deno with the main module. */
function selfCommand(): string[] {
  const self = Deno.env.get("SAUROPOD_SELF");
  if (self !== undefined && self !== "") return [self];
  if (Deno.build.standalone) return [Deno.execPath()];
  return [Deno.execPath(), "run", "-A", "--quiet", "--no-check", "--no-code-cache", Deno.mainModule];
}

/** Root's alone, but for the group that may use the socket in it (as api/socket_file.ts makes it). */
async function makeRunDir(path: string): Promise<void> {
  if (await Deno.stat(path).then(({ isDirectory }) => isDirectory, () => false)) return;
  try {
    await Deno.mkdir(path, { recursive: true, mode: 0o755 });
    await Deno.chmod(path, 0o710);
  } catch (cause) {
    if (Deno.uid() !== 0) throw unavailable("no engine runs, and only root can start one: use sudo, or become root");
    throw unavailable(`cannot make the run folder ${path}`, { cause });
  }
  const groups = await Deno.readTextFile("/etc/group").catch(() => "");
  const [, docker] = /^docker:[^:]*:(\d+):/m.exec(groups) ?? [];
  if (docker !== undefined) await Deno.chown(path, null, Number(docker));
}

async function openLock(path: string): Promise<Deno.FsFile> {
  try {
    return await Deno.open(path, { create: true, write: true, mode: 0o600 });
  } catch (cause) {
    if (Deno.uid() !== 0) throw unavailable("no engine runs, and only root can start one: use sudo, or become root");
    throw unavailable(`cannot open ${path}`, { cause });
  }
}

async function sizeOf(path: string): Promise<number> {
  return (await Deno.stat(path).catch(() => undefined))?.size ?? 0;
}

/** What the engine wrote since `from`: its own sentence, else the last lines; undefined if nothing. */
async function complaint(log: string, from: number): Promise<string | undefined> {
  const text = new TextDecoder().decode((await Deno.readFile(log).catch(() => new Uint8Array())).subarray(from));
  const lines = text.trim().split("\n").filter((line) => line !== "");
  const sentence = lines.findLast((line) => /^\S+ sauropod engine: /.test(line));
  if (sentence !== undefined) return `the engine cannot start: ${sentence.replace(/^\S+ sauropod engine: /, "")}`;
  return lines.length === 0 ? undefined : lines.slice(-5).join("\n");
}

function describe(status: Deno.CommandStatus): string {
  return status.signal === null ? `exit code ${status.code}` : status.signal;
}
