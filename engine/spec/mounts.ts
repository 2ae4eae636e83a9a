/** From what the user asks for (`-v`, `--mount`, `--tmpfs`) to the mounts that a container will have. */
import type { ContainerConfig } from "../../base/docker/container.ts";
import type { HostConfig } from "../../base/docker/host_config.ts";
import { invalid } from "../../base/errors.ts";
import type { MountPlan } from "../mount_plan.ts";
import { parseBind } from "./bind_text.ts";
import { parseMount } from "./mount_request.ts";
import { checkDriver } from "../volumes/driver.ts";
import { checkTarget } from "./mount_target.ts";
import { parseTmpfs } from "./tmpfs.ts";

/** The part of a request that says what is mounted. */
export type MountsConfig = Partial<Pick<HostConfig, "Binds" | "Mounts" | "Tmpfs" | "VolumeDriver">>;

/**
 * Reads `Binds`, `Mounts` and `Tmpfs`; no two for one place.
 * @throws `invalid` and `not_found` with Docker's sentences
 */
export function requestedMounts(config: MountsConfig): MountPlan[] {
  checkDriver(config.VolumeDriver);
  const mounts = [
    ...(config.Binds ?? []).map(parseBind),
    ...(config.Mounts ?? []).map(parseMount),
    ...Object.entries(config.Tmpfs ?? {}).map(([target, options]) => parseTmpfs(target, options)),
  ];
  const seen = new Set<string>();
  for (const { target } of mounts) {
    if (seen.has(target)) throw invalid(`Duplicate mount point: ${target}`);
    seen.add(target);
  }
  return mounts;
}

/**
 * All mounts of a container: what it takes from others gives way to what is asked for, and an image's volume to both.
 * @throws as {@link requestedMounts}
 */
export function plannedMounts(
  host: MountsConfig,
  { Volumes }: Pick<ContainerConfig, "Volumes">,
  inherited: readonly MountPlan[],
): MountPlan[] {
  const mounts = new Map(inherited.map((mount) => [mount.target, mount]));
  for (const mount of requestedMounts(host)) mounts.set(mount.target, mount);
  for (const path of Object.keys(Volumes ?? {})) {
    const target = checkTarget(path);
    if (!mounts.has(target)) mounts.set(target, anonymousVolume(target));
  }
  // A mount below another must come after it, or it would be hidden.
  return [...mounts.values()].sort((a, b) => a.target.split("/").length - b.target.split("/").length);
}

function anonymousVolume(target: string): MountPlan {
  return { kind: "volume", name: "", anonymous: true, target, readonly: false, mode: "", copy: true };
}
