import { invalid } from "../base/errors.ts";

/** Capability names and their numbers (bit positions), from <linux/capability.h>. */
export const CAPABILITIES = {
  CAP_CHOWN: 0,
  CAP_DAC_OVERRIDE: 1,
  CAP_DAC_READ_SEARCH: 2,
  CAP_FOWNER: 3,
  CAP_FSETID: 4,
  CAP_KILL: 5,
  CAP_SETGID: 6,
  CAP_SETUID: 7,
  CAP_SETPCAP: 8,
  CAP_LINUX_IMMUTABLE: 9,
  CAP_NET_BIND_SERVICE: 10,
  CAP_NET_BROADCAST: 11,
  CAP_NET_ADMIN: 12,
  CAP_NET_RAW: 13,
  CAP_IPC_LOCK: 14,
  CAP_IPC_OWNER: 15,
  CAP_SYS_MODULE: 16,
  CAP_SYS_RAWIO: 17,
  CAP_SYS_CHROOT: 18,
  CAP_SYS_PTRACE: 19,
  CAP_SYS_PACCT: 20,
  CAP_SYS_ADMIN: 21,
  CAP_SYS_BOOT: 22,
  CAP_SYS_NICE: 23,
  CAP_SYS_RESOURCE: 24,
  CAP_SYS_TIME: 25,
  CAP_SYS_TTY_CONFIG: 26,
  CAP_MKNOD: 27,
  CAP_LEASE: 28,
  CAP_AUDIT_WRITE: 29,
  CAP_AUDIT_CONTROL: 30,
  CAP_SETFCAP: 31,
  CAP_MAC_OVERRIDE: 32,
  CAP_MAC_ADMIN: 33,
  CAP_SYSLOG: 34,
  CAP_WAKE_ALARM: 35,
  CAP_BLOCK_SUSPEND: 36,
  CAP_AUDIT_READ: 37,
  CAP_PERFMON: 38,
  CAP_BPF: 39,
  CAP_CHECKPOINT_RESTORE: 40,
} as const satisfies Readonly<Record<string, number>>;

/** The name of a capability, with its `CAP_` prefix. */
export type CapabilityName = keyof typeof CAPABILITIES;

/** All 41 capabilities that this engine has a name for, as a bit mask. */
export const ALL_CAPABILITIES: bigint = maskOf(Object.keys(CAPABILITIES) as CapabilityName[]);

/** The fourteen that Docker gives a container which asks for nothing. */
export const DEFAULT_CAPABILITIES: readonly CapabilityName[] = [
  "CAP_AUDIT_WRITE",
  "CAP_CHOWN",
  "CAP_DAC_OVERRIDE",
  "CAP_FOWNER",
  "CAP_FSETID",
  "CAP_KILL",
  "CAP_MKNOD",
  "CAP_NET_BIND_SERVICE",
  "CAP_NET_RAW",
  "CAP_SETFCAP",
  "CAP_SETGID",
  "CAP_SETPCAP",
  "CAP_SETUID",
  "CAP_SYS_CHROOT",
];

/** What the user asked for; `known` is what this kernel (or the engine's own bounding set) can give, default all. */
export interface CapabilityRequest {
  readonly add?: readonly string[];
  readonly drop?: readonly string[];
  readonly privileged?: boolean;
  readonly known?: bigint;
}

/** The five sets of a process as bit masks, ready for `capset` and `prctl`. */
export interface CapabilitySets {
  readonly bounding: bigint;
  readonly permitted: bigint;
  readonly effective: bigint;
  readonly inheritable: bigint;
  readonly ambient: bigint;
}

/** The bit mask of a list of names. */
export function maskOf(names: Iterable<CapabilityName>): bigint {
  let mask = 0n;
  for (const name of names) mask |= bit(CAPABILITIES[name]);
  return mask;
}

/** Whether the capability is in the mask. */
export function hasCapability(mask: bigint, name: CapabilityName): boolean {
  return (mask & bit(CAPABILITIES[name])) !== 0n;
}

/**
 * The number of a capability, or "ALL"; any case, with or without `CAP_`, as Docker accepts it. An unknown name throws
 * `invalid`, with the sentence of Docker, which names the field of the request.
 */
export function parseCapability(name: string, field: "CapAdd" | "CapDrop" = "CapAdd"): number | "ALL" {
  const upper = name.toUpperCase();
  if (upper === "ALL") return "ALL";
  const full = upper.startsWith("CAP_") ? upper : `CAP_${upper}`;
  if (!isCapabilityName(full)) {
    throw invalid(`invalid ${field}: unknown capability: ${JSON.stringify(full)}`);
  }
  return CAPABILITIES[full];
}

/**
 * The capabilities of a container as a bit mask, by Docker's rules: privileged gets all; `add` with ALL means all
 * except what `drop` names; `drop` with ALL means only what `add` names; otherwise the default set less `drop`, then
 * plus `add` (so a capability in both lists is kept). The lists are checked even when privileged makes them moot.
 */
export function resolveCapabilities(request: CapabilityRequest): bigint {
  const known = request.known ?? ALL_CAPABILITIES;
  const add = parseList(request.add ?? [], "CapAdd", known);
  const drop = parseList(request.drop ?? [], "CapDrop", known);
  if (request.privileged) return known;
  if (add.all) return known & ~drop.mask;
  if (drop.all) return add.mask;
  return ((maskOf(DEFAULT_CAPABILITIES) & ~drop.mask) | add.mask) & known;
}

/** The names of the bits in a mask, lowest number first; bits without a name here are left out. */
export function capabilityNames(mask: bigint): CapabilityName[] {
  const names: CapabilityName[] = [];
  for (const name in CAPABILITIES) {
    if (isCapabilityName(name) && hasCapability(mask, name)) names.push(name);
  }
  return names;
}

/**
 * The sets that the container's process starts with. Inheritable and ambient stay empty always: a non-empty
 * inheritable set let programs with file capabilities gain what the user dropped (CVE-2022-24769), and ambient ones
 * survive the change to a user without rights (CVE-2016-8867). Who is not root has only what file capabilities grant
 * within the bounding set.
 */
export function capabilitySets(mask: bigint, uid: number): CapabilitySets {
  const held = uid === 0 ? mask : 0n;
  return { bounding: mask, permitted: held, effective: held, inheritable: 0n, ambient: 0n };
}

function parseList(names: readonly string[], field: "CapAdd" | "CapDrop", known: bigint) {
  const result = { all: false, mask: 0n };
  for (const name of names) {
    const number = parseCapability(name, field);
    if (number === "ALL") {
      result.all = true;
      continue;
    }
    if ((known & bit(number)) === 0n) {
      const full = JSON.stringify(capabilityNames(bit(number))[0]);
      throw invalid(
        `invalid ${field}: capability not supported by your kernel or not available in the current environment: ${full}`,
      );
    }
    result.mask |= bit(number);
  }
  return result;
}

function isCapabilityName(name: string): name is CapabilityName {
  return Object.hasOwn(CAPABILITIES, name);
}

function bit(number: number): bigint {
  return 1n << BigInt(number);
}
