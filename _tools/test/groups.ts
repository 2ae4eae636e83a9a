import { root, sourceFiles, unitTests } from "../source_files.ts";

/** The groups of tests, in the order in which they run. */
export const groupNames = ["unit", "integration", "e2e", "vm"] as const;
export type GroupName = typeof groupNames[number];

/** What runs once more in the VM, under pure cgroup v2 and Debian's kernel: the parts that differ by cgroup version. */
const vmTests: readonly RegExp[] = [
  /^tests\/integration\/cgroup[^/]*_test\.ts$/,
  /^tests\/e2e\/limits_test\.ts$/,
];

/** The test files of a group, relative to the root. */
export function groupFiles(group: GroupName): string[] {
  switch (group) {
    case "unit":
      return unitTests();
    case "integration":
    case "e2e":
      return sourceFiles().filter((path) => path.startsWith(`tests/${group}/`) && path.endsWith("_test.ts"));
    case "vm":
      return [...groupFiles("integration"), ...groupFiles("e2e")].filter((path) =>
        vmTests.some((pattern) => pattern.test(path))
      );
  }
}

/** The script that starts the VM; it belongs to the place where the project is developed, not to the project. */
export const vmScript = new URL("../shared/vm/vm-run.sh", `file://${root}`).pathname;
