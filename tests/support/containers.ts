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
