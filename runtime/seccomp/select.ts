import { CAPABILITIES, type CapabilityName, hasCapability } from "../capabilities.ts";
import type { MachineArch } from "./abi.ts";
import { returnValue } from "./action.ts";
import type { KernelVersion, SeccompArgument, SeccompCondition, SeccompProfile } from "./profile.ts";

/** What a profile's conditions are decided by. */
export interface SeccompTarget {
  readonly arch: MachineArch;
  /** The bounding set of the container, as a bit mask. */
  readonly capabilities: bigint;
  readonly kernel: KernelVersion;
}

/** A rule that holds for the target: no conditions left but those on arguments, all of which must match. */
export interface SelectedRule {
  readonly name: string;
  /** What the filter returns (`SECCOMP_RET_…`). */
  readonly value: number;
  readonly args: readonly SeccompArgument[];
}

/** Docker's profiles name machines as Go does. */
const GO_ARCH: Readonly<Record<MachineArch, string>> = { x86_64: "amd64", aarch64: "arm64" };

/**
 * The rules of a profile that hold for a target, one per name, in the order of the profile.
 *
 * A rule that compares the same argument twice becomes one rule per comparison, so that any of them matches: that is
 * how runc has always read such rules, and profiles count on it.
 */
export function selectRules(profile: SeccompProfile, target: SeccompTarget): SelectedRule[] {
  const selected: SelectedRule[] = [];
  for (const rule of profile.syscalls) {
    if (rule.excludes !== undefined && excluded(rule.excludes, target)) continue;
    if (rule.includes !== undefined && !included(rule.includes, target)) continue;
    const value = returnValue(rule.action, rule.errnoRet);
    const args = rule.args ?? [];
    const repeated = new Set(args.map((arg) => arg.index)).size < args.length;
    const alternatives = repeated ? args.map((arg) => [arg]) : [args];
    for (const name of rule.names) {
      for (const args of alternatives) selected.push({ name, value, args });
    }
  }
  return selected;
}

function included({ caps, arches, minKernel }: SeccompCondition, target: SeccompTarget): boolean {
  return (!arches?.length || arches.includes(GO_ARCH[target.arch])) &&
    (caps ?? []).every((name) => holds(name, target)) &&
    (minKernel === undefined || atLeast(target.kernel, minKernel));
}

function excluded({ caps, arches, minKernel }: SeccompCondition, target: SeccompTarget): boolean {
  return (arches ?? []).includes(GO_ARCH[target.arch]) ||
    (caps ?? []).some((name) => holds(name, target)) ||
    (minKernel !== undefined && atLeast(target.kernel, minKernel));
}

function holds(name: string, target: SeccompTarget): boolean {
  return Object.hasOwn(CAPABILITIES, name) && hasCapability(target.capabilities, name as CapabilityName);
}

function atLeast(kernel: KernelVersion, wanted: KernelVersion): boolean {
  return kernel.major > wanted.major || (kernel.major === wanted.major && kernel.minor >= wanted.minor);
}
