/** Containers of a test, and the host's view of them. */
import type { Sandbox } from "./sandbox.ts";

/** Namespaces that a container has for its own. */
export const KINDS = ["mnt", "pid", "net", "uts", "ipc", "cgroup"] as const;

/** What /proc says: `net:[4026531840]`. */
export function namespaceOf(pid: number, kind: string): string {
  return Deno.readLinkSync(`/proc/${pid}/ns/${kind}`);
}

/** Starts a container that does nothing. */
export async function startSleeper(box: Sandbox, name: string, ...flags: string[]): Promise<void> {
  await box.ok("run", "-d", "--name", name, ...flags, "busybox", "sleep", "1000");
}

/** The host's pid of a container's first process. */
export async function pidOf(box: Sandbox, name: string): Promise<number> {
  return Number(await box.inspect(name, "{{.State.Pid}}"));
}

/** The folder of a process's control group in the hierarchy of a controller, as the host sees it. */
export function groupFolder(pid: number, controller: string): string {
  const lines = Deno.readTextFileSync(`/proc/${pid}/cgroup`).trim().split("\n").map((line) => line.split(":"));
  const [, , v1] = lines.find(([, controllers = ""]) => controllers.split(",").includes(controller)) ?? [];
  const mounts = Deno.readTextFileSync("/proc/self/mounts").split("\n").map((line) => line.split(" "));
  if (v1 !== undefined) {
    const mount = mounts.find(([, , type, options = ""]) =>
      type === "cgroup" && options.split(",").includes(controller)
    );
    return `${mount?.[1]}${v1}`;
  }
  const mount = mounts.find(([, , type]) => type === "cgroup2");
  return `${mount?.[1]}${lines.find(([, controllers]) => controllers === "")?.[2]}`;
}

/** A file of a process's control group under its name of v1 or of v2, trimmed. */
export function groupFile(pid: number, controller: string, names: { v1: string; v2: string }): string {
  const folder = groupFolder(pid, controller);
  for (const name of [names.v1, names.v2]) {
    try {
      return Deno.readTextFileSync(`${folder}/${name}`).trim();
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  throw new Error(`neither ${names.v1} nor ${names.v2} is in ${folder}`);
}

/** Seconds of processor time that a process's control group has used. */
export function processorTime(pid: number): number {
  const text = groupFile(pid, "cpuacct", { v1: "cpuacct.usage", v2: "cpu.stat" });
  const microseconds = /^usage_usec (\d+)$/m.exec(text)?.[1];
  return microseconds === undefined ? Number(text) / 1e9 : Number(microseconds) / 1e6;
}

/** The host's mount table, without what other tests mount in their own temporary folders. */
export function mountsOf({ folder }: Sandbox): string[] {
  const isForeign = (line: string) => / \/tmp\/sauropod-/.test(line) && !line.includes(folder);
  return Deno.readTextFileSync("/proc/self/mountinfo").split("\n").filter((line) => !isForeign(line));
}
