import type { MountRequest } from "../../base/docker/host_config.ts";
import { invalid, unimplemented } from "../../base/errors.ts";
import type { BindPlan, ImagePlan, MountPlan, Propagation, TmpfsPlan, VolumePlan } from "../mount_plan.ts";
import { checkDriver } from "../volumes/driver.ts";
import { checkVolumeName } from "../volumes/name.ts";
import { checkTarget } from "./mount_target.ts";
import { parseTmpfs } from "./tmpfs.ts";

/** One `--mount`. @throws `invalid` with Docker's sentences */
export function parseMount(mount: MountRequest): MountPlan {
  const { Type } = mount;
  const wrong = (what: string) => invalid(`invalid mount config for type "${Type}": ${what}`);
  if ((mount.Target ?? "") === "") throw wrong("field Target must not be empty");
  const options = {
    bind: "BindOptions",
    volume: "VolumeOptions",
    tmpfs: "TmpfsOptions",
    image: "ImageOptions",
  } as const;
  for (const [type, field] of Object.entries(options)) {
    if (type !== Type && mount[field] !== undefined) throw wrong(`field ${field} must not be specified`);
  }
  if (Type === "tmpfs" && mount.Source) throw wrong("field Source must not be specified");
  if (["bind", "image"].includes(Type) && !mount.Source) throw wrong("field Source must not be empty");
  if (Type === "bind") return bind(mount, wrong);
  if (Type === "volume") return volume(mount, wrong);
  if (Type === "tmpfs") return tmpfs(mount);
  if (Type === "image") return image(mount, wrong);
  throw unimplemented(`mounts of type ${Type} are not served: ${mount.Target}`);
}

type Wrong = (what: string) => Error;

function bind({ Source = "", Target, ReadOnly = false, BindOptions = {} }: MountRequest, wrong: Wrong): BindPlan {
  if (!Source.startsWith("/")) throw wrong(`invalid mount path: '${Source}' mount path must be absolute`);
  const { Propagation, NonRecursive, CreateMountpoint, ReadOnlyNonRecursive, ReadOnlyForceRecursive } = BindOptions;
  if (Propagation && !/^r?(private|shared|slave)$/.test(Propagation)) {
    throw wrong(`invalid propagation mode: ${Propagation}`);
  }
  if (ReadOnlyForceRecursive) {
    if (!ReadOnly) throw wrong("mount source path must be read-only for ReadOnlyForceRecursive");
    if (ReadOnlyNonRecursive) throw wrong("ReadOnlyForceRecursive and ReadOnlyNonRecursive cannot both be set");
    if (NonRecursive) throw wrong("ReadOnlyForceRecursive and NonRecursive cannot both be set");
  }
  return {
    kind: "bind",
    source: Source,
    target: checkTarget(Target),
    readonly: ReadOnly,
    recursive: !NonRecursive,
    mode: "",
    makeMissing: CreateMountpoint ?? false,
    ...ReadOnly && ReadOnlyNonRecursive && { writableBelow: true },
    ...Propagation && { propagation: Propagation as Propagation },
  };
}

function volume({ Source = "", Target, ReadOnly = false, VolumeOptions = {} }: MountRequest, wrong: Wrong): VolumePlan {
  const { NoCopy = false, Labels, Subpath, DriverConfig } = VolumeOptions;
  checkDriver(DriverConfig?.Name);
  if (Source === "" && ReadOnly) throw wrong("must not set ReadOnly mode when using anonymous volumes");
  if (Source === "" && Subpath) throw wrong("must not set Subpath when using anonymous volumes");
  if (Subpath) checkSubpath(Subpath, wrong);
  if (Source !== "") checkVolumeName(Source);
  return {
    kind: "volume",
    name: Source,
    anonymous: Source === "",
    target: checkTarget(Target),
    readonly: ReadOnly,
    mode: "",
    copy: !NoCopy,
    ...Subpath && { subpath: Subpath },
    ...Labels && { labels: Labels },
    ...DriverConfig?.Options && { options: DriverConfig.Options },
  };
}

function tmpfs({ Target, ReadOnly, TmpfsOptions = {} }: MountRequest): TmpfsPlan {
  const { SizeBytes, Mode } = TmpfsOptions;
  const data = [SizeBytes && `size=${SizeBytes}`, Mode !== undefined && `mode=${Mode.toString(8)}`].filter(Boolean);
  return parseTmpfs(Target, [ReadOnly ? "ro" : "rw", ...data].join(","));
}

function image({ Source = "", Target, ImageOptions = {} }: MountRequest, wrong: Wrong): ImagePlan {
  const { Subpath } = ImageOptions;
  if (Subpath) checkSubpath(Subpath, wrong);
  return { kind: "image", image: Source, target: checkTarget(Target), ...Subpath && { subpath: Subpath } };
}

/** A path that cannot lead out by its own words; links in it are the kernel's concern (openat2). */
function checkSubpath(path: string, wrong: Wrong): void {
  if (path.startsWith("/") || path.split("/").includes("..")) {
    throw wrong("subpath must be a relative path within the volume");
  }
}
