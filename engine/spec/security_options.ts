import type { Bytes } from "../../base/container_engine.ts";
import type { HostConfig } from "../../base/docker/host_config.ts";
import { invalid } from "../../base/errors.ts";
import { resolveCapabilities } from "../../runtime/capabilities.ts";
import { compileSeccomp } from "../../runtime/seccomp/compile.ts";
import { DEFAULT_SECCOMP_PROFILE } from "../../runtime/seccomp/default_profile.ts";
import { parseProfile, type SeccompProfile } from "../../runtime/seccomp/profile.ts";
import type { SeccompTarget } from "../../runtime/seccomp/select.ts";

/** What `--security-opt` says. */
export interface SecurityOptions {
  readonly noNewPrivileges: boolean;
  /** undefined: unconfined. */
  readonly seccomp: SeccompProfile | undefined;
}

/**
 * Reads `--security-opt`: `no-new-privileges[=true|false]`, `seccomp=unconfined|builtin|JSON` (the CLI has put the file's
 * text there). `apparmor=` and `label=` are accepted and have no effect: neither is used here.
 * @throws `invalid`, with Docker's sentence.
 */
export function parseSecurityOptions(options: readonly string[], privileged: boolean): SecurityOptions {
  let noNewPrivileges = false;
  let seccomp: SeccompProfile | undefined = privileged ? undefined : DEFAULT_SECCOMP_PROFILE;
  for (const option of options) {
    const [name = "", value] = splitOption(option);
    if (name === "no-new-privileges" && /^(true|false|)$/.test(value ?? "")) noNewPrivileges = value !== "false";
    else if (name === "seccomp" && value !== undefined) seccomp = profileOf(value);
    else if (!((name === "apparmor" || name === "label") && value !== undefined)) {
      throw invalid(`invalid --security-opt 2: ${JSON.stringify(option)}`);
    }
  }
  return { noNewPrivileges, seccomp };
}

/** `name=value`, or `name:value` as it once was. */
function splitOption(option: string): [string, string?] {
  const at = option.search(/[=:]/);
  return at < 0 ? [option] : [option.slice(0, at), option.slice(at + 1)];
}

function profileOf(value: string): SeccompProfile | undefined {
  if (value === "unconfined") return undefined;
  return value === "builtin" || value === "default" ? DEFAULT_SECCOMP_PROFILE : parseProfile(value);
}

/** The capabilities of a container as a mask, within what this engine itself may give. */
export function containerCapabilities(config: Pick<HostConfig, "CapAdd" | "CapDrop" | "Privileged">): bigint {
  return resolveCapabilities({
    add: config.CapAdd ?? [],
    drop: config.CapDrop ?? [],
    privileged: config.Privileged,
    known: boundingSet(),
  });
}

let bounding: bigint | undefined;

/** The engine's own bounding set: no child of it can have more. */
function boundingSet(): bigint {
  if (bounding === undefined) {
    const hex = /^CapBnd:\s*([0-9a-f]+)$/m.exec(Deno.readTextFileSync("/proc/self/status"))?.[1];
    bounding = hex === undefined ? 0n : BigInt(`0x${hex}`);
  }
  return bounding;
}

const compiled = new Map<SeccompProfile, Map<bigint, Bytes>>();

/** The filter of a profile for a container with these capabilities; compiled once for the built-in profile. */
export function seccompFilter(profile: SeccompProfile, capabilities: bigint): Bytes {
  if (profile !== DEFAULT_SECCOMP_PROFILE) return compileSeccomp(profile, target(capabilities));
  const filters = compiled.get(profile) ?? new Map<bigint, Bytes>();
  compiled.set(profile, filters);
  const filter = filters.get(capabilities) ?? compileSeccomp(profile, target(capabilities));
  filters.set(capabilities, filter);
  return filter;
}

function target(capabilities: bigint): SeccompTarget {
  const [major = 0, minor = 0] = Deno.osRelease().split(/[.-]/).map(Number);
  return { arch: Deno.build.arch, capabilities, kernel: { major, minor } };
}
