import type { MachineArch } from "../seccomp/abi.ts";

/** What a tape depends on beside the container: equal machines give equal tapes. */
export interface Machine {
  readonly arch: MachineArch;
  /** mount_setattr(2), Linux 5.12. */
  readonly mountSetattr: boolean;
  /** CLOSE_RANGE_CLOEXEC, Linux 5.11. */
  readonly closeRangeOnExec: boolean;
  /** The highest capability that the kernel has. */
  readonly lastCapability: number;
}

let known: Machine | undefined;

/** The machine that this process runs on. */
export function thisMachine(): Machine {
  return known ??= machineOf(
    Deno.build.arch,
    Deno.osRelease(),
    Number(Deno.readTextFileSync("/proc/sys/kernel/cap_last_cap")),
  );
}

/** `release` as uname has it: `6.1.0-18-amd64`. */
export function machineOf(arch: MachineArch, release: string, lastCapability: number): Machine {
  const [major = 0, minor = 0] = release.split(/[.-]/).map(Number);
  const atLeast = (minimum: number) => major > 5 || (major === 5 && minor >= minimum);
  return { arch, mountSetattr: atLeast(12), closeRangeOnExec: atLeast(11), lastCapability };
}
