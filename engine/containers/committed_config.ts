import type { ContainerConfig } from "../../base/docker/container.ts";
import { applyChanges } from "../../image/change.ts";
import type { ImageDefaults } from "../../image/image_config.ts";
import { mergeConfig } from "./merge_config.ts";

/** What an image that is made of a container shall say. */
export interface CommitWish {
  /** Stands for the container's; what it leaves open is the container's. */
  readonly config?: Partial<ContainerConfig>;
  /** Instructions that change it. */
  readonly changes?: readonly string[];
}

/**
 * What containers of the new image start with: the container's configuration, which has its image's in it, but for the
 * health check of `base`. Only what an image can say: a host name or a terminal are those of one container.
 * @throws `invalid` for an instruction that is none
 */
export function committedConfig(container: ContainerConfig, base: ImageDefaults, wish: CommitWish): ImageDefaults {
  const wanted = applyChanges(wish.config ?? container, wish.changes ?? []);
  const { User, ExposedPorts, Env, Cmd, Volumes, WorkingDir, Entrypoint, Labels, StopSignal } = mergeConfig(
    wanted,
    container,
    "",
  );
  const { OnBuild, Shell } = wanted;
  const Healthcheck = { ...base.Healthcheck, ...wanted.Healthcheck };
  const all = {
    User,
    ExposedPorts,
    Env,
    Cmd,
    Healthcheck,
    Volumes,
    WorkingDir,
    Entrypoint,
    OnBuild,
    Labels,
    StopSignal,
    Shell,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => saysSomething(value)));
}

function saysSomething(value: string | object | null | undefined): boolean {
  return typeof value === "string" ? value !== "" : Object.keys(value ?? {}).length > 0;
}
