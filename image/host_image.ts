/**
 * The image that is always there: `host`, the host's own root. Its one layer lies over that root and hides what the
 * engine keeps, so that a container can neither read other containers nor find itself in itself.
 */
import { setModeAt, setOwner, stat } from "../sys/attributes.ts";
import { makeDirectory } from "../sys/directory.ts";
import { CWD, type Fd } from "../sys/fd.ts";
import { O, open } from "../sys/open.ts";
import type { LayerFolders } from "../fs/layers.ts";
import { makeWhiteout } from "../fs/whiteout.ts";
import type { Catalog } from "./catalog.ts";
import { digestOf } from "./digest.ts";
import { type ImageConfig, parseImageConfig } from "./image_config.ts";
import { parseReference, type Reference, withDefaultTag } from "./reference.ts";

export interface HostImage {
  readonly id: string;
  readonly config: ImageConfig;
  readonly reference: Reference;
  /** The layer that hides. */
  readonly mask: string;
  /** What stands for no layer at all: overlay needs one. */
  readonly empty: string;
}

/** Docker's name of this machine's architecture. */
export const ARCHITECTURE = Deno.build.arch === "aarch64" ? "arm64" : "amd64";

const CONFIG = JSON.stringify({
  architecture: ARCHITECTURE,
  os: "linux",
  config: { Env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"], Cmd: ["/bin/sh"] },
  rootfs: { type: "layers", diff_ids: [] },
  history: [],
});

/** `hidden` are folders of the host. The layer is made anew where another, or its parents' owners or modes, are asked. */
export function openHostImage(catalog: Catalog, folders: LayerFolders, hidden: readonly string[]): HostImage {
  return {
    id: digestOf(CONFIG),
    config: parseImageConfig(new TextEncoder().encode(CONFIG)),
    reference: withDefaultTag(parseReference("host")),
    mask: made(catalog, folders, maskOf(hidden)),
    empty: made(catalog, folders, { directories: [], whiteouts: [] }),
  };
}

/** What a layer of the engine's own consists of: plain data, which is its key too. */
interface MadeLayer {
  /** Parents first. */
  readonly directories: readonly { path: string; uid: number; gid: number; mode: number }[];
  readonly whiteouts: readonly string[];
}

/** In the layer, the parents of what is hidden count instead of the host's, so they must look the same. */
function maskOf(hidden: readonly string[]): MadeLayer {
  const paths = [...new Set(hidden.flatMap(onRootFileSystem))].sort();
  const whiteouts = paths.filter((path) => !paths.some((other) => path.startsWith(`${other}/`)));
  const parents = new Set(whiteouts.flatMap(parentsOf));
  const directories = [...parents].sort().map((path) => {
    const { uid, gid, mode } = stat(CWD, `/${path}`);
    return { path, uid, gid, mode: mode & 0o7777 };
  });
  return { directories, whiteouts };
}

/** The true path without the first slash; nothing where another file system holds it, since overlay does not see that. */
function onRootFileSystem(path: string): string[] {
  try {
    const real = Deno.realPathSync(path);
    return real !== "/" && stat(CWD, real.replace(/\/[^/]*$/, "") || "/").device === stat(CWD, "/").device
      ? [real.slice(1)]
      : [];
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** `a` and `a/b` of `a/b/c`. */
function parentsOf(path: string): string[] {
  const names = path.split("/");
  return names.slice(1).map((_, i) => names.slice(0, i + 1).join("/"));
}

/**
 * The name of a layer with that content. Old ones are kept: a container that runs may have one mounted, and they are
 * a few empty directories.
 */
function made(catalog: Catalog, folders: LayerFolders, content: MadeLayer): string {
  const key = JSON.stringify(content);
  const known = catalog.madeLayers().get(key);
  if (known !== undefined && isThere(folders.folder(known))) return known;
  const name = make(folders, content);
  catalog.transaction(() => {
    catalog.deleteMadeLayer(key);
    catalog.putMadeLayer(key, name);
  });
  return name;
}

/** Makes a layer of the engine's own again, out of its content as {@link made} notes it, under the name that it had. */
export function remake(folders: LayerFolders, content: string, name: string): void {
  make(folders, JSON.parse(content), name);
}

function make(folders: LayerFolders, content: MadeLayer, knownName?: string): string {
  const staged = folders.stage();
  const name = knownName ?? staged.name;
  using undo = new DisposableStack();
  undo.defer(() => folders.drop(staged));
  using root = open(staged.folder, O.RDONLY | O.DIRECTORY);
  fill(root, content);
  folders.keep({ ...staged, name });
  undo.move();
  return name;
}

function fill(root: Fd, { directories, whiteouts }: MadeLayer): void {
  for (const { path, uid, gid, mode } of directories) {
    makeDirectory(root, path, 0o700);
    setOwner(root, path, uid, gid);
    setModeAt(root, path, mode);
  }
  for (const path of whiteouts) {
    const slash = path.lastIndexOf("/");
    using parent = open(slash < 0 ? "." : path.slice(0, slash), O.PATH | O.DIRECTORY, { at: root });
    makeWhiteout(parent, path.slice(slash + 1));
  }
}

function isThere(folder: string): boolean {
  try {
    return Deno.statSync(folder).isDirectory;
  } catch {
    return false;
  }
}
