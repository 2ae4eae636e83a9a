/** Processes in groups, and where the kernel keeps a group's files: for the tests of cgroup/ on the real kernel. */
import assert from "node:assert/strict";
import type { Cgroup, CgroupManager, DeviceRule, GroupResources } from "../../cgroup/cgroup.ts";
import { containerRules } from "../../cgroup/device_rules.ts";
import { openCgroups } from "../../cgroup/manager.ts";
import { writeAll } from "../../sys/file.ts";

/** The parent of all groups of this test process. */
export const PARENT = `/sauropod-test-${Deno.pid}`;

let count = 0;

/** Runs `test` with a group of its own, and afterwards sees to it that neither processes nor groups are left. */
export async function withGroup(
  resources: GroupResources,
  test: (group: Cgroup, manager: CgroupManager) => Promise<void> | void,
  devices: readonly DeviceRule[] = containerRules({}),
): Promise<void> {
  const manager = openCgroups();
  const before = openDescriptors();
  const group = manager.create(`${PARENT}/${++count}`, resources, devices);
  try {
    await test(group, manager);
  } finally {
    group.kill();
    await group.remove();
    manager.removeEmpty(PARENT);
  }
  assert.deepEqual(leftGroups(), [], "groups are left");
  assert.deepEqual(openDescriptors(), before, "descriptors are left");
}

function openDescriptors(): string[] {
  return [...Deno.readDirSync("/proc/self/fd")].map(({ name }) => {
    try {
      return Deno.readLinkSync(`/proc/self/fd/${name}`);
    } catch {
      return ""; // the descriptor of this very listing
    }
  }).filter((target) => /cgroup|inotify|eventfd|bpf-prog/.test(target)).sort();
}

/** Groups of this process anywhere below /sys/fs/cgroup. */
export function leftGroups(): string[] {
  const roots = ["/sys/fs/cgroup", ...[...Deno.readDirSync("/sys/fs/cgroup")].map((e) => `/sys/fs/cgroup/${e.name}`)];
  return roots.flatMap((root) => {
    try {
      return [...Deno.readDirSync(root)].filter(({ name }) =>
        name.includes(`sauropod-test-${Deno.pid}`) ||
        name.includes("sauropod.probe")
      ).map(({ name }) => `${root}/${name}`);
    } catch {
      return []; // a file
    }
  });
}

/** Starts `sh -c script` as a process that is in `group` before it does anything, as a container's process is. */
export async function startIn(group: Cgroup, script: string): Promise<Deno.ChildProcess> {
  // The first shell waits for a line and becomes the second only then.
  const args = ["-c", 'read -r go && exec sh -c "$0"', script];
  const child = new Deno.Command("sh", { args, stdin: "piped", stdout: "piped", stderr: "piped" }).spawn();
  const { tasks, group: folder } = group.openEntry();
  using opened = new DisposableStack();
  for (const file of tasks) writeAll(opened.use(file), new TextEncoder().encode(`${child.pid}`));
  if (opened.use(folder) !== undefined) {
    await Deno.writeTextFile(`/proc/self/fd/${folder?.number}/cgroup.procs`, `${child.pid}`);
  }
  const stdin = child.stdin.getWriter();
  await stdin.write(new TextEncoder().encode("go\n"));
  await stdin.close();
  return child;
}

/** Runs `sh -c script` in `group` to its end. */
export async function runIn(group: Cgroup, script: string): Promise<{ code: number; out: string; err: string }> {
  const child = await startIn(group, script);
  const { code, stdout, stderr } = await child.output();
  const text = new TextDecoder();
  return { code, out: text.decode(stdout), err: text.decode(stderr) };
}

/** Takes a process off the table; what it wrote is dropped. */
export async function reap(child: Deno.ChildProcess): Promise<Deno.CommandStatus> {
  const [status] = await Promise.all([child.status, child.stdout.cancel(), child.stderr.cancel()]);
  return status;
}

/** A kernel file of `group`, found without the code under test; `files` names it in v1 and in v2. */
export function kernelFile(group: Cgroup, manager: CgroupManager, files: { v1: string; v2: string }): string {
  const file = manager.version === 1 ? files.v1 : files.v2;
  const hierarchy = manager.version === 1 ? `/${file.slice(0, file.indexOf("."))}` : "";
  return Deno.readTextFileSync(`/sys/fs/cgroup${hierarchy}${group.path}/${file}`).trim();
}

/** Waits until `condition` holds; it is a failure if it does not for a long time. */
export async function until(what: string, condition: () => boolean): Promise<void> {
  const end = Date.now() + 60_000;
  while (!condition()) {
    assert.ok(Date.now() < end, `in vain waited until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
