import { invalid } from "../../base/errors.ts";
import { SYSCALLS_AARCH64 } from "./syscalls_aarch64.ts";
import { SYSCALLS_ARM } from "./syscalls_arm.ts";
import { SYSCALLS_I386 } from "./syscalls_i386.ts";
import { SYSCALLS_X32 } from "./syscalls_x32.ts";
import { SYSCALLS_X86_64 } from "./syscalls_x86_64.ts";
import type { SeccompProfile } from "./profile.ts";

/** The machines that this engine runs on. */
export type MachineArch = "x86_64" | "aarch64";

/** A set of system calls that a process on a machine can use: its own one, or one for old or small programs. */
export interface Abi {
  /** libseccomp's name. */
  readonly name: string;
  /** `AUDIT_ARCH_…` of <linux/audit.h>: what the kernel puts into `seccomp_data.arch`. */
  readonly auditArch: number;
  readonly numbers: Readonly<Record<string, number>>;
  /** Whether arguments count in full; the kernel uses only the low 32 bits otherwise. */
  readonly wide: boolean;
  /** Whether `socketcall` and `ipc` bundle the calls of sockets and System V IPC. */
  readonly multiplexed: boolean;
}

const X86_64: Abi = abi("SCMP_ARCH_X86_64", 0xc000003e, SYSCALLS_X86_64, { wide: true });
/** Shares its audit number with x86_64; told apart by a bit in the number of the call. */
export const X32: Abi = abi("SCMP_ARCH_X32", 0xc000003e, SYSCALLS_X32, {});
const I386: Abi = abi("SCMP_ARCH_X86", 0x40000003, SYSCALLS_I386, { multiplexed: true });
const AARCH64: Abi = abi("SCMP_ARCH_AARCH64", 0xc00000b7, SYSCALLS_AARCH64, { wide: true });
const ARM: Abi = abi("SCMP_ARCH_ARM", 0x40000028, SYSCALLS_ARM, {});

/** Per machine: its own ABI first, then those that its kernel may also offer. */
const OF_MACHINE: Readonly<Record<MachineArch, readonly [Abi, ...Abi[]]>> = {
  x86_64: [X86_64, I386, X32],
  aarch64: [AARCH64, ARM],
};

/**
 * The ABIs that a profile judges on this machine: the machine's own always, the others when `architectures` or the
 * machine's entry of `archMap` lists them. Whatever is not listed is killed by the filter. A name that this machine
 * cannot run is ignored; one that libseccomp does not know throws `invalid`.
 */
export function judgedAbis(profile: SeccompProfile, machine: MachineArch): readonly [Abi, ...Abi[]] {
  const [native, ...others] = OF_MACHINE[machine];
  const listed = profile.architectures?.length
    ? profile.architectures
    : profile.archMap?.find((entry) => entry.architecture === native.name)?.subArchitectures ?? [];
  for (const name of listed) {
    if (!/^SCMP_ARCH_[A-Z0-9_]+$/.test(name)) {
      throw invalid(`seccomp profile: unknown architecture ${JSON.stringify(name)}`);
    }
  }
  return [native, ...others.filter((other) => listed.includes(other.name))];
}

function abi(
  name: string,
  auditArch: number,
  numbers: Readonly<Record<string, number>>,
  traits: { wide?: boolean; multiplexed?: boolean },
): Abi {
  return { name, auditArch, numbers, wide: traits.wide ?? false, multiplexed: traits.multiplexed ?? false };
}
