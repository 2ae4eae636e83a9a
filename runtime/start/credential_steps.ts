import { CAPABILITIES } from "../capabilities.ts";
import type { ProcessSpec } from "../container_spec.ts";
import {
  packCapabilityData,
  packCapabilityHeader,
  packGroups,
  PR_CAP_AMBIENT_CLEAR_ALL,
} from "../../sys/process_flags.ts";
import { bytes, named } from "../tape/argument.ts";
import * as call from "../tape/call.ts";
import type { Tape } from "../tape/tape.ts";
import type { Machine } from "./machine.ts";

/** From the engine's rights to those of the user, in the one order in which each step still may be done. */
export function credentialSteps(
  tape: Tape,
  { user, capabilities, noNewPrivileges, seccomp }: ProcessSpec,
  machine: Machine,
) {
  const { bounding, effective, permitted } = capabilities;
  const names = new Map<number, string>(Object.entries(CAPABILITIES).map(([name, number]) => [number, name]));
  for (let number = 0; number <= machine.lastCapability; number++) {
    if ((bounding >> BigInt(number)) & 1n) continue;
    const name = names.get(number) ?? `capability ${number}`;
    tape.add(
      `drop ${name}`,
      call.prctl("CAPBSET_DROP", named(number, name)),
      "out of the bounding set no program can get it back, set-user-ID or not",
    );
  }
  tape.add(
    "clear the ambient capabilities",
    call.prctl("CAP_AMBIENT", named(PR_CAP_AMBIENT_CLEAR_ALL, "PR_CAP_AMBIENT_CLEAR_ALL")),
    "they would survive the change of user (CVE-2016-8867)",
  );
  const groups = user.groups;
  tape.add(
    "set the groups",
    call.setgroups(groups.length, bytes(packGroups(groups), `[${groups.join(", ")}]`)),
    GROUPS,
  );
  tape.add(
    "keep capabilities",
    call.prctl("SET_KEEPCAPS", 1),
    "the next but one step would clear them, two later ones need them",
  );
  tape.add(`become group ${user.gid}`, call.setresgid(user.gid), "before the user, who may not do it");
  tape.add(`become user ${user.uid}`, call.setresuid(user.uid), "for good: real, effective and saved");
  // execve computes the sets anew from the bounding set: what is added here does not outlive it (capabilities(7)).
  const needsAdmin = seccomp !== undefined && !noNewPrivileges;
  const extra = needsAdmin ? 1n << BigInt(CAPABILITIES.CAP_SYS_ADMIN) : 0n;
  setCapabilities(
    tape,
    { effective: effective | extra, permitted: permitted | extra },
    needsAdmin
      ? "what the command gets, and CAP_SYS_ADMIN, which the seccomp filter wants and execve takes away again"
      : "what the command gets",
  );
}

const GROUPS = "all of root's go; the primary one is in the list, too, or a group's missing rights could be avoided";

/** Sets the capabilities of the process; inheritable ones are none, always (CVE-2022-24769). */
export function setCapabilities(
  tape: Tape,
  { effective, permitted }: { effective: bigint; permitted: bigint },
  reason: string,
): void {
  const shown = `{effective=0x${effective.toString(16)}, permitted=0x${permitted.toString(16)}, inheritable=0}`;
  tape.add(
    "set the capabilities",
    call.capset(
      bytes(packCapabilityHeader(), "{_LINUX_CAPABILITY_VERSION_3, 0}"),
      bytes(packCapabilityData({ effective, permitted, inheritable: 0n }), shown),
    ),
    reason,
  );
}
