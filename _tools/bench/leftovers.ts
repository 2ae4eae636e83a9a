/** What a peer may leave behind: ended, unmounted and removed by what names its folder, and by nothing else. */
import { processes } from "./proc.ts";

/** Ends by SIGKILL whatever has `folder` in its command line: shims, conmons and keepers of that state folder. */
export function killProcessesOf(folder: string): void {
  for (const pid of processes()) {
    if (pid === Deno.pid || !commandLine(pid).includes(`${folder}/`)) continue;
    try {
      Deno.kill(pid, "SIGKILL");
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}

/** Unmounts what is mounted in `folder`, the deepest first, and removes it. */
export async function removeFolder(folder: string): Promise<void> {
  const points = Deno.readTextFileSync("/proc/self/mountinfo").split("\n").map((line) => line.split(" ")[4] ?? "")
    .filter((point) => point === folder || point.startsWith(`${folder}/`));
  for (const point of points.reverse()) {
    await new Deno.Command("umount", { args: ["-l", point], stdin: "null" }).output();
  }
  await Deno.remove(folder, { recursive: true });
}

/** Removes the empty groups below `name` in every hierarchy, and itself. */
export function removeCgroups(name: string): void {
  for (const top of ["/sys/fs/cgroup", ...folders("/sys/fs/cgroup")]) removeTree(`${top}/${name}`);
}

/** Takes every step, also after one that failed; then throws what went wrong. */
export async function allOf(...steps: (() => unknown)[]): Promise<void> {
  const errors: unknown[] = [];
  for (const step of steps) {
    try {
      await step();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length === 1) throw errors[0];
  if (errors.length > 1) throw new AggregateError(errors, errors.map(String).join("; "));
}

/**
 * Paths that are not there now; `removeNew` later removes those that have come into being, in this order: what lies in a
 * folder before it. A folder in which somebody else has something stays.
 */
export function remember(paths: readonly string[]): { removeNew(): Promise<void> } {
  const absent = paths.filter((path) => !exists(path));
  return {
    async removeNew() {
      for (const path of absent) await Deno.remove(path).catch(() => {});
    },
  };
}

/** Waits until a process is gone. */
export async function gone(pid: number, milliseconds = 20_000): Promise<void> {
  for (const end = Date.now() + milliseconds; exists(`/proc/${pid}`);) {
    if (Date.now() > end) throw new Error(`process ${pid} has not ended after ${milliseconds / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A cgroup is removed by rmdir(2), its files notwithstanding; one that has processes stays. */
function removeTree(group: string): void {
  for (const child of folders(group)) removeTree(child);
  try {
    Deno.removeSync(group);
  } catch {
    // not there, or not ours alone
  }
}

function folders(path: string): string[] {
  try {
    return Array.from(Deno.readDirSync(path)).filter(({ isDirectory }) => isDirectory).map(({ name }) =>
      `${path}/${name}`
    );
  } catch {
    return [];
  }
}

function commandLine(pid: number): string {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/cmdline`);
  } catch {
    return ""; // it has ended meanwhile
  }
}

export function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}
