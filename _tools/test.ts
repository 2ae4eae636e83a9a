/**
 * The test command: `deno task test [all|unit|integration|e2e|vm [filter]]`. Installs what the tests need on Debian,
 * runs them, and ends with the line `N passed, N failed, N skipped`. Without a group: unit, integration, e2e; `all`
 * adds the VM.
 */
import { fileExists } from "../base/file_exists.ts";
import { cgroupMode, findCommand, hasPackage, kernelAtLeast } from "../tests/support/machine.ts";
import { groupFiles, type GroupName, groupNames, vmScript } from "./test/groups.ts";
import { install } from "./test/install.ts";
import { missingPackages } from "./test/packages.ts";
import { runGroup } from "./test/run_group.ts";
import { skipReason } from "./test/skips.ts";

/** What all groups gave so far. */
interface Tally {
  passed: number;
  skipped: number;
  /** What each failure is, and why. */
  readonly failures: string[];
}

/** Which groups the arguments ask for; undefined if there is no such group. */
export function parseArguments(args: readonly string[]): { groups: GroupName[]; filter?: string } | undefined {
  const [group, filter] = args.filter((arg) => arg !== "--");
  const groups = groupNames.filter((name) => group === name || group === "all" || (!group && name !== "vm"));
  return groups.length === 0 ? undefined : { groups, ...(filter !== undefined && { filter }) };
}

/** Why the tests cannot run on this machine at all, in one sentence; undefined if they can. */
function hindrance(): string | undefined {
  if (Deno.uid() !== 0) return "These tests need root: they make namespaces, mounts and cgroups.";
  if (!kernelAtLeast(Deno.osRelease(), "5.10")) {
    return `These tests need Linux 5.10 or newer, this is ${Deno.osRelease()}.`;
  }
  if (cgroupMode(Deno.readTextFileSync("/proc/self/mounts")) === "none") {
    return "These tests need cgroups, and none are mounted at /sys/fs/cgroup.";
  }
  return undefined;
}

async function installMissing(): Promise<string | undefined> {
  const missing = missingPackages((name) => findCommand(name) !== undefined, hasPackage);
  if (missing.length === 0) return undefined;
  const names = missing.map(({ name }) => name).join(" ");
  if (findCommand("apt-get") === undefined) {
    console.log(`Not installed, and there is no apt-get to do it: ${names}. The tests that need them are skipped.`);
    return undefined;
  }
  console.log(`Installing what the tests need: ${names}`);
  try {
    await install(missing);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Why there can be no VM here; undefined if there can. */
function vmHindrance(): string | undefined {
  if (findCommand("bash") === undefined || !fileExists(vmScript)) return "there is no VM script beside the checkout";
  return fileExists("/dev/kvm") ? undefined : "there is no /dev/kvm";
}

async function runAndCount(group: GroupName, filter: string | undefined, tally: Tally): Promise<void> {
  const hindered = group === "vm" ? vmHindrance() : undefined;
  if (hindered !== undefined) {
    tally.skipped++;
    console.log(`skipped: tests in the VM: ${hindered}`);
    return;
  }
  const files = groupFiles(group);
  console.log(`\n── ${group}: ${files.length} test files ──`);
  if (files.length === 0) return;
  const started = performance.now();
  const { results, skips, broken } = await runGroup(group, files, filter);
  for (const test of results) {
    if (test.outcome === "failed") tally.failures.push(`${group}: ${test.file}: ${test.name}\n${test.failure}`);
    else tally[test.outcome]++;
    if (test.outcome === "skipped") console.log(`skipped: ${test.name}: ${skipReason(test, skips)}`);
  }
  if (broken !== undefined) tally.failures.push(broken);
  console.log(`── ${group}: ${results.length} tests in ${((performance.now() - started) / 1000).toFixed(1)} s ──`);
}

async function main(): Promise<number> {
  const asked = parseArguments(Deno.args);
  if (asked === undefined) {
    console.error(`No such group of tests: ${Deno.args[0]}. There are all, ${groupNames.join(", ")}.`);
    return 1;
  }
  if (asked.groups.some((group) => group !== "unit")) {
    const hindered = hindrance() ?? await installMissing();
    if (hindered !== undefined) {
      console.error(hindered);
      return 1;
    }
  }
  const tally: Tally = { passed: 0, skipped: 0, failures: [] };
  for (const group of asked.groups) await runAndCount(group, asked.filter, tally);
  if (tally.passed + tally.failures.length === 0) console.log("\nNo test ran: that is a failure, too.");
  // Last, after all that the tests printed: whoever sees only the end of a log sees what failed.
  for (const failure of tally.failures) console.log(`\nFAILED: ${failure}`);
  console.log(`\n${tally.passed} passed, ${tally.failures.length} failed, ${tally.skipped} skipped`);
  return tally.failures.length > 0 || tally.passed === 0 ? 1 : 0;
}

if (import.meta.main) Deno.exit(await main());
