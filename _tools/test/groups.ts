import { root, sourceFiles, unitTests } from "../source_files.ts";

/** The groups of tests, in the order in which they run. */
export const groupNames = ["unit", "integration", "e2e", "vm"] as const;
export type GroupName = typeof groupNames[number];

/**
 * What runs in the VM as well, under pure cgroup v2 and Debian's kernel: the parts that differ by cgroup version. What
 * lies in `tests/vm/` runs there only: it needs modules that not every kernel has.
 */
const inVmToo: readonly RegExp[] = [
  /^tests\/integration\/cgroup[^/]*_test\.ts$/,
  /^tests\/e2e\/limits_test\.ts$/,
];

/** The test files of a group, relative to the root. */
export function groupFiles(group: GroupName): string[] {
  if (group === "unit") return unitTests();
  const own = sourceFiles().filter((path) => path.startsWith(`tests/${group}/`) && path.endsWith("_test.ts"));
  if (group !== "vm") return own;
  const others = [...groupFiles("integration"), ...groupFiles("e2e")];
  return [...others.filter((path) => inVmToo.some((pattern) => pattern.test(path))), ...own];
}

/** The script that starts the VM; it belongs to the place where the project is developed, not to the project. */
export const vmScript = new URL("../shared/vm/vm-run.sh", `file://${root}`).pathname;
