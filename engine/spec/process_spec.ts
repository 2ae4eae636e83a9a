import type { ContainerConfig } from "../../base/docker/container.ts";
import type { HostConfig } from "../../base/docker/host_config.ts";
import { capabilitySets, resolveCapabilities } from "../../runtime/capabilities.ts";
import type { ProcessSpec } from "../../runtime/container_spec.ts";
import { parseUlimit } from "../../runtime/rlimits.ts";
import type { ResolvedUser } from "../../runtime/users.ts";
import { containerCapabilities, parseSecurityOptions, seccompFilter } from "./security_options.ts";

/** What of a process differs between the first one and an exec. */
export interface ProcessOf {
  readonly args: readonly string[];
  readonly env: readonly string[];
  readonly cwd: string;
  readonly user: ResolvedUser;
  readonly terminal: boolean;
  /** Exec only: all capabilities, no filter. */
  readonly privileged?: boolean;
}

/** A process of a container with this host configuration. */
export function processSpec(process: ProcessOf, hostConfig: HostConfig): ProcessSpec {
  const { noNewPrivileges, seccomp } = parseSecurityOptions(hostConfig.SecurityOpt ?? [], hostConfig.Privileged);
  const contained = containerCapabilities(hostConfig);
  const capabilities = process.privileged ? resolveCapabilities({ privileged: true, known: allKnown() }) : contained;
  return {
    args: process.args,
    env: process.env,
    cwd: process.cwd,
    user: process.user,
    terminal: process.terminal,
    capabilities: capabilitySets(capabilities, process.user.uid),
    noNewPrivileges,
    ...seccomp !== undefined && !process.privileged && { seccomp: seccompFilter(seccomp, contained) },
    rlimits: (hostConfig.Ulimits ?? []).map(parseUlimit),
    // Always: the engine's own, which would be inherited, may be another.
    oomScoreAdj: hostConfig.OomScoreAdj,
  };
}

const allKnown = () => containerCapabilities({ CapAdd: null, CapDrop: null, Privileged: true });

/** The first process of a container as its configuration has it. */
export function workingDirectory({ WorkingDir }: Pick<ContainerConfig, "WorkingDir">): string {
  return WorkingDir || "/";
}
