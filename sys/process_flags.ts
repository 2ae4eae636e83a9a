/** Constants and structures of the calls by which a process changes itself; the same on x86_64 and aarch64. */

/** prctl(2) (linux/prctl.h). */
export const PR = {
  SET_PDEATHSIG: 1,
  SET_DUMPABLE: 4,
  SET_KEEPCAPS: 8,
  SET_NAME: 15,
  CAPBSET_DROP: 24,
  SET_NO_NEW_PRIVS: 38,
  CAP_AMBIENT: 47,
} as const;
export const PR_CAP_AMBIENT_CLEAR_ALL = 4;

/** Signals that the engine itself deals with. */
export const SIGNAL = { KILL: 9, USR1: 10, CHLD: 17 } as const;
export const SIG_SETMASK = 2;
export const SA_NOCLDSTOP = 1;

/** wait4(2), waitid(2). `__WALL` also takes children that were cloned without SIGCHLD. */
export const WAIT = { NOHANG: 1, EXITED: 4, NOWAIT: 0x0100_0000, WALL: 0x4000_0000 } as const;
export const WAIT_BITS = { WNOHANG: 1, WEXITED: 4, WNOWAIT: 0x0100_0000, __WALL: 0x4000_0000 } as const;
export const P_ALL = 0;
export const P_PID = 1;
export const CLD_EXITED = 1;
/** Offsets in siginfo_t as waitid fills it (64-bit layout); each field has 32 bits. */
export const SIGINFO = { code: 8, pid: 16, status: 24 } as const;

/** clone(2): the pid of the child is written where the third argument points, too. */
export const CLONE_PARENT_SETTID = 0x10_0000;

/** clone(2): the third argument points to where a pidfd of the child is put (Linux 5.2). */
export const CLONE_PIDFD = 0x1000;

/** clone(2): the child is the caller's sibling: its parent's child, with the signal that the caller's own end sends. */
export const CLONE_PARENT = 0x8000;

/** clone3(2): the child starts in the control group whose folder the structure names (Linux 5.7). A bit beyond the 32. */
export const CLONE_INTO_CGROUP = 0x2_0000_0000n;

/** A signal set as the kernel has it: one bit per signal, from bit 0 for signal 1. */
export function packSignalSet(signals: Iterable<number>): Uint8Array<ArrayBuffer> {
  let mask = 0n;
  for (const signal of signals) mask |= 1n << BigInt(signal - 1);
  return new Uint8Array(new BigUint64Array([mask]).buffer);
}

/**
 * struct kernel_sigaction with SIG_DFL and the flags given. x86_64 has a `restorer` before the mask; with a handler
 * that is none and an empty mask both layouts read the same.
 */
export function packDefaultAction(flags: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new BigUint64Array([0n, BigInt(flags), 0n, 0n]).buffer);
}

/** struct rlimit64: soft, hard. */
export function packRlimit(soft: bigint, hard: bigint): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new BigUint64Array([soft, hard]).buffer);
}

/** struct __user_cap_header_struct: version 3, the calling process. */
export function packCapabilityHeader(): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new Uint32Array([0x2008_0522, 0]).buffer);
}

/** Two struct __user_cap_data_struct: the low and the high 32 bits of effective, permitted, inheritable. */
export function packCapabilityData(
  sets: { readonly effective: bigint; readonly permitted: bigint; readonly inheritable: bigint },
): Uint8Array<ArrayBuffer> {
  const { effective, permitted, inheritable } = sets;
  const low = [effective, permitted, inheritable].map((set) => Number(BigInt.asUintN(32, set)));
  const high = [effective, permitted, inheritable].map((set) => Number(set >> 32n));
  return new Uint8Array(new Uint32Array([...low, ...high]).buffer);
}

/** An array of gid_t. */
export function packGroups(groups: readonly number[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new Uint32Array(groups).buffer);
}

/** struct ifreq with a name and the flags of an interface: at 0 ifr_name[16], at 16 a short, 40 bytes. */
export function packInterfaceFlags(name: string, flags: number): Uint8Array<ArrayBuffer> {
  const request = new Uint8Array(40);
  request.set(new TextEncoder().encode(name).subarray(0, 15));
  new DataView(request.buffer).setUint16(16, flags, true);
  return request;
}

/** makedev(3) for numbers below 2^8: what the standard devices have. */
export function deviceNumber(major: number, minor: number): number {
  return (major << 8) | minor;
}
