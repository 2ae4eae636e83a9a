/** From the mounts in a container's record to what `inspect` shows, and to what the tape does. */
import type { MountPoint } from "../../base/docker/container.ts";
import { invalid, notFound, unavailable } from "../../base/errors.ts";
import { Merged } from "../../fs/merged.ts";
import { volumeData } from "../../fs/volumes.ts";
import type { StoredImage } from "../../image/store.ts";
import type { MountSpec } from "../../runtime/container_spec.ts";
import { swapped, userNamespace } from "../../runtime/user_namespace.ts";
import { S, stat } from "../../sys/attributes.ts";
import type { Fd } from "../../sys/fd.ts";
import { copyMount, mapOwners } from "../../sys/mount_api.ts";
import { MS } from "../../sys/mount_flags.ts";
import { O, open, openInRoot } from "../../sys/open.ts";
import { isErrno } from "../../sys/syscall_error.ts";
import type { BindPlan, ImagePlan, MountPlan, VolumePlan } from "../mount_plan.ts";
import type { Parts } from "../parts.ts";

/** @throws `unavailable` for an image whose files would not be all that it has */
export function refuseIncomplete({ incomplete }: StoredImage, name: string): void {
  if (incomplete) throw unavailable(`the image ${name} has lost layers: pull or load it again`);
}

/** A mount as `inspect` shows it. */
export function mountPoint(root: string, plan: MountPlan): MountPoint {
  const { target: Destination } = plan;
  switch (plan.kind) {
    case "bind": {
      const { source: Source, mode: Mode, readonly, propagation: Propagation = "rprivate" } = plan;
      return { Type: "bind", Source, Destination, Mode, RW: !readonly, Propagation };
    }
    case "volume": {
      const { name: Name, mode: Mode, readonly } = plan;
      const Source = volumeData(root, Name);
      return { Type: "volume", Name, Source, Destination, Driver: "local", Mode, RW: !readonly, Propagation: "" };
    }
    case "tmpfs": {
      const RW = (plan.flags & MS.RDONLY) === 0;
      return { Type: "tmpfs", Source: "", Destination, Mode: "", RW, Propagation: "" };
    }
    case "image":
      return { Type: "image", Name: plan.image, Source: "", Destination, Mode: "", RW: false, Propagation: "" };
  }
}

/**
 * Makes the sources that are to be made, and checks the others.
 * @throws `invalid` with Docker's sentence for one that is not there
 */
export function checkSources(plans: readonly MountPlan[]): void {
  for (const plan of plans) if (plan.kind === "bind") bindSource(plan);
}

/** The mounts as the tape makes them, for `user`. Descriptors of what is found already are closed with `opened`. */
export function mountSpecs(
  parts: Parts,
  plans: readonly MountPlan[],
  user: Owner,
  opened: DisposableStack,
): MountSpec[] {
  return plans.map((plan) => {
    switch (plan.kind) {
      case "bind":
        return plan.idmap ? mapped(bind(plan), user, opened) : bind(plan);
      case "volume": {
        const spec = volume(parts, plan, opened);
        return plan.idmap ? mapped(spec, user, opened) : spec;
      }
      case "tmpfs":
        return plan;
      case "image":
        return image(parts, plan);
    }
  });
}

type Bind = Extract<MountSpec, { kind: "bind" }>;

/** User and group. */
interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** A mount in which the owner of the source and the user of the container are taken for each other. */
function mapped(spec: Bind, user: Owner, opened: DisposableStack): Bind {
  const tree = spec.tree ?? copyOf(spec.source, opened);
  const owner = stat(tree);
  if (owner.uid === user.uid && owner.gid === user.gid) return { ...spec, tree, recursive: false };
  using namespace = userNamespace(swapped(owner.uid, user.uid), swapped(owner.gid, user.gid));
  try {
    mapOwners(tree, namespace);
  } catch (cause) {
    throw unavailable(`the file system of ${spec.source} cannot be mounted with idmap`, { cause });
  }
  return { ...spec, tree, recursive: false };
}

function copyOf(path: string, opened: DisposableStack): Fd {
  using source = open(path, O.PATH);
  return opened.use(copyMount(source));
}

function bind(plan: BindPlan): Bind {
  const { kind, source, target, readonly, writableBelow, recursive, propagation } = plan;
  return {
    kind,
    source,
    target,
    directory: bindSource(plan).isDirectory,
    readonly,
    recursive,
    ...writableBelow && { writableBelow },
    ...propagation !== undefined && { propagation },
  };
}

/** What Docker does for `-v`: a source that is not there becomes an empty folder. */
function bindSource({ source, makeMissing }: BindPlan): Deno.FileInfo {
  try {
    return Deno.statSync(source);
  } catch (cause) {
    if (makeMissing && cause instanceof Deno.errors.NotFound) {
      Deno.mkdirSync(source, { recursive: true, mode: 0o755 });
      return Deno.statSync(source);
    }
    throw invalid(`invalid mount config for type "bind": bind source path does not exist: ${source}`, { cause });
  }
}

function volume({ settings, volumes }: Parts, plan: VolumePlan, opened: DisposableStack): Bind {
  const { name, target, readonly, subpath } = plan;
  const { plain } = volumes.get(name);
  const data = volumeData(settings.root, name);
  // What is mounted by the driver may have mounts below it.
  const spec = { kind: "bind", source: data, target, directory: true, readonly, recursive: !plain } as const;
  if (subpath === undefined) return spec;
  using root = open(data, O.PATH | O.DIRECTORY);
  try {
    // By descriptor: containers that have the volume can turn every part of the path into a link at any time.
    using found = openInRoot(root, subpath, O.PATH);
    const directory = (stat(found).mode & S.IFMT) === S.IFDIR;
    return { ...spec, source: `${data}/${subpath}`, tree: opened.use(copyMount(found)), directory };
  } catch (cause) {
    if (!isErrno(cause, "ENOENT", "ENOTDIR", "ELOOP")) throw cause;
    throw invalid(`cannot access path ${data}/${subpath}: no such file or directory in volume ${name}`, { cause });
  }
}

function image({ images, settings }: Parts, { image: name, target, subpath }: ImagePlan): MountSpec {
  const found = images.resolve(name);
  if (found === undefined) throw notFound(`No such image: ${name}`);
  refuseIncomplete(found, name);
  const kind = subpath && new Merged(`${settings.root}/layers`, found.layers).lookup(subpath);
  if (subpath !== undefined && kind === undefined) {
    throw invalid(`cannot access path ${subpath}: no such file or directory in image ${name}`);
  }
  const directory = kind === undefined || kind === "directory";
  return { kind: "image", layers: found.layers, target, directory, ...subpath !== undefined && { subpath } };
}
