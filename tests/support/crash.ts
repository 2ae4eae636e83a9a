/** What the crash tests look at from outside: keepers, leftovers, numbered output. */
import assert from "node:assert/strict";
import { connect } from "../../api/client/connect.ts";
import type { AttachedStreams, Bytes, ContainerEngine } from "../../base/container_engine.ts";
import type { ContainerCreate } from "../../base/docker/container.ts";
import type { HostConfig } from "../../base/docker/host_config.ts";
import { KEEPER_FD } from "../../runtime/keeper_layout.ts";
import { holdersOf } from "../../runtime/process_table.ts";
import { isAlive, type Sandbox, until } from "./sandbox.ts";

/** The engine of a sandbox by its API: many calls at once cost no process each. It starts none. */
export function clientOf({ socket }: Sandbox): ContainerEngine {
  return connect(socket);
}

/** A container of the image `busybox` without a network, as the API wants it. */
export function request(script: string, host: Partial<HostConfig> = {}): ContainerCreate {
  return { Image: "busybox", Cmd: ["sh", "-c", script], HostConfig: { NetworkMode: "none", ...host } };
}

/** Starts a container named `name` that runs `script`; its id. */
export async function runDetached(
  engine: ContainerEngine,
  name: string,
  script: string,
  host: Partial<HostConfig> = {},
): Promise<string> {
  const { Id } = await engine.containers.create(request(script, host), { name });
  await engine.containers.start(Id);
  return Id;
}

/** A script that ends with `code` and some last words when the test sends SIGTERM. */
export function endsOnTerm(code: number): string {
  return `trap 'echo last words ${code}; exit ${code}' TERM; echo ready; while :; do sleep 0.05; done`;
}

/** The process that keeps a running container. */
export function keeperOf(box: Sandbox, id: string): number {
  const [pid, ...others] = holdersOf(`${box.folder}/run/containers/${id}`, KEEPER_FD.record);
  assert.ok(pid !== undefined && others.length === 0, `keeper of ${id}: ${pid}, ${others}`);
  return pid;
}

/** Sends a signal past the engine, and waits for the end of the process. */
export async function killFromOutside(pid: number, signal: Deno.Signal): Promise<void> {
  Deno.kill(pid, signal);
  await until(`process ${pid} has ended`, () => !isAlive(pid));
}

/** The pid on the host of a container's first process. */
export async function pidOf(box: Sandbox, name: string): Promise<number> {
  return Number(await box.inspect(name, "{{.State.Pid}}"));
}

/** What is there of containers beside those with the ids `known`: one line each. */
export function leftovers(box: Sandbox, known: readonly string[]): string[] {
  const { SAUROPOD_ROOT: root = "", SAUROPOD_RUN: run = "" } = box.env;
  const unknown = (folder: string) => names(folder).filter((name) => !known.includes(name));
  return [
    ...unknown(`${root}/containers`).map((name) => `folder ${name}`),
    ...names(`${root}/staging`).map((name) => `staged ${name}`),
    ...unknown(`${run}/containers`).map((name) => `record ${name}`),
    ...names(`${run}/execs`).map((name) => `exec ${name}`),
    ...mountsBelow(root).map((path) => `mount ${path}`),
  ];
}

/** What the engines of a sandbox have logged. */
export function engineLog(box: Sandbox): string {
  return Deno.readTextFileSync(`${box.folder}/run/engine.log`);
}

/** What an engine does at a failpoint (base/failpoint.ts). */
export type FailMode = "kill" | "error";

/** Runs a command with an engine of its own that fails at `point`: it is told, or it is in the engine's log. */
export async function failAt(box: Sandbox, command: readonly string[], point: string, mode: FailMode): Promise<void> {
  await box.ok("engine", "stop");
  const before = engineLog(box).length;
  const { code, stdout, stderr } = await box.sauropod(command, { env: { SAUROPOD_FAIL: `${point}:${mode}` } });
  if (mode === "error") {
    assert.notEqual(code, 0);
    assert.match(stdout + stderr, new RegExp(`failpoint ${point}`)); // that of an exec comes on its stream, as docker's
  } else {
    await box.ok("engine", "stop"); // the command may have started another one, with the same variable
    assert.match(engineLog(box).slice(before), new RegExp(`failpoint ${point}: kill`));
  }
}

/** That nothing is there of containers that are not known; the ids of those that are. */
export async function assertNoLeftovers(box: Sandbox): Promise<string[]> {
  const known = (await box.ok("ps", "-aq", "--no-trunc")).split("\n").filter(Boolean);
  await until("nothing is left", () => leftovers(box, known).length === 0).catch(() => {});
  assert.deepEqual(leftovers(box, known), []);
  return known;
}

/** That no engine of the sandbox met what it has no words for. */
export function assertNoBugs(box: Sandbox): void {
  assert.doesNotMatch(engineLog(box), /bug: .*|Uncaught.*/);
}

/** That database and disk agree, as the engine itself finds: the auditor after a fault. */
export async function assertStoreWhole(box: Sandbox): Promise<void> {
  const { code, stdout, stderr } = await box.sauropod(["system", "check"]);
  assert.equal(code, 0, stdout + stderr);
}

/** What is there of a container that does not run. */
export function traces(box: Sandbox, id: string): string[] {
  const record = `${box.folder}/run/containers/${id}`;
  return [
    ...holdersOf(record, KEEPER_FD.record).map((pid) => `keeper ${pid}`),
    ...names(`${box.folder}/run/containers`).filter((name) => name === id).map((name) => `record ${name}`),
    ...cgroupsOf(id).map((path) => `cgroup ${path}`),
  ];
}

/** The control groups of a container, in every hierarchy. */
export function cgroupsOf(id: string): string[] {
  return ["", ...names("/sys/fs/cgroup")].map((hierarchy) => `/sys/fs/cgroup/${hierarchy}/sauropod/${id}`).filter(
    exists,
  );
}

function mountsBelow(folder: string): string[] {
  return Deno.readTextFileSync("/proc/self/mountinfo").split("\n").map((line) => line.split(" ")[4] ?? "")
    .filter((path) => path.startsWith(`${folder}/`));
}

export function names(folder: string): string[] {
  try {
    return Array.from(Deno.readDirSync(folder), ({ name }) => name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return [];
    throw error;
  }
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}

/**
 * That `lines` are the numbers from 0 to `last`, each of them there and in order. At a seam, where one engine was killed
 * and the next went on, some may come twice; there are at most `seams`.
 */
export function assertNumbered(lines: readonly string[], last: number, seams: number): void {
  let repeats = 0;
  lines.forEach((line, i) => {
    const [number, before] = [Number(line), i === 0 ? -1 : Number(lines[i - 1])];
    if (number === before + 1) return;
    repeats++;
    assert.ok(number <= before && repeats <= seams, `line ${i} is ${JSON.stringify(line)} after ${before}`);
  });
  assert.equal(Number(lines.at(-1)), last);
}

/** Reads the output until `done` says so of the text so far; that text. */
export async function readUntil(streams: AttachedStreams, done: (text: string) => boolean): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const { data } of streams.output) {
    text += decoder.decode(data, { stream: true });
    if (done(text)) break;
  }
  return text;
}

export function bytes(text: string): Bytes {
  return new TextEncoder().encode(text);
}
