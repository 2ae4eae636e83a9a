import { invalid } from "../../base/errors.ts";
import type { SeccompAction } from "./profile.ts";

/** EPERM: the errno of ERRNO and the message of TRACE when a profile gives none. */
const EPERM = 1;

/** The filter's return value that lets a call pass (`SECCOMP_RET_ALLOW`). */
export const RETURN_ALLOW = 0x7fff0000;

/** The filter's return value that ends the whole process (`SECCOMP_RET_KILL_PROCESS`). */
export const RETURN_KILL_PROCESS = 0x80000000;

/** The filter's return value that makes a call fail with ENOSYS (38), as on a kernel that does not have it. */
export const RETURN_ENOSYS = 0x00050000 | 38;

/** The 32-bit value that a filter returns for an action (`SECCOMP_RET_…` in <linux/seccomp.h>). */
export function returnValue(action: SeccompAction, errnoRet: number = EPERM): number {
  switch (action) {
    case "SCMP_ACT_ALLOW":
      return RETURN_ALLOW;
    case "SCMP_ACT_ERRNO":
      return 0x00050000 | errnoRet;
    case "SCMP_ACT_KILL":
    case "SCMP_ACT_KILL_THREAD":
      return 0x00000000;
    case "SCMP_ACT_KILL_PROCESS":
      return RETURN_KILL_PROCESS;
    case "SCMP_ACT_LOG":
      return 0x7ffc0000;
    case "SCMP_ACT_TRACE":
      return 0x7ff00000 | errnoRet;
    case "SCMP_ACT_TRAP":
      return 0x00030000;
    case "SCMP_ACT_NOTIFY":
      throw invalid("seccomp profile: SCMP_ACT_NOTIFY is not supported: there is no agent to hand the call to");
  }
}

/** Whether a default of this value leaves calls without a rule to the kernel: then nothing needs to look "unknown". */
export function isPermissive(value: number): boolean {
  const action = value & 0x7fff0000;
  return value < RETURN_KILL_PROCESS && action >= 0x7ff00000;
}
