/**
 * How a layer says that a name of the layers below is gone. In a tar: `.wh.NAME` and `.wh..wh..opq` (OCI image
 * specification, "Whiteouts"). On the disk: a character device 0:0, and an attribute of the directory
 * (kernel, Documentation/filesystems/overlayfs.rst).
 */
import { invalid } from "../base/errors.ts";
import { getXattr, S, setXattr, type Stat } from "../sys/attributes.ts";
import { makeNode } from "../sys/directory.ts";
import type { Fd } from "../sys/fd.ts";

const PREFIX = ".wh.";
const OPAQUE_NAME = ".wh..wh..opq";

/** What an entry of a layer tar that has such a name means. */
export type Whiteout = { readonly hides: string } | "opaque" | "bookkeeping";

/** @throws invalid for a name that hides nothing that could be there */
export function whiteoutOf(base: string): Whiteout | undefined {
  if (!isWhiteoutName(base)) return undefined;
  if (base === OPAQUE_NAME) return "opaque";
  if (base.startsWith(".wh..wh.")) return "bookkeeping"; // aufs's own files, in images of Docker's first years
  const hides = base.slice(PREFIX.length);
  if (hides === "" || hides === "." || hides === "..") throw invalid(`${base} hides no name`);
  return { hides };
}

/** Whether a file of that name would be taken for something else in the tar of a layer. */
export function isWhiteoutName(base: string): boolean {
  return base.startsWith(PREFIX);
}

/** What an entry is called that says that the file at `path` is gone. */
export function whiteoutName(path: string): string {
  const base = path.lastIndexOf("/") + 1;
  return `${path.slice(0, base)}${PREFIX}${path.slice(base)}`;
}

/** What an entry is called that says that the folder at `path` (empty: the root) shows nothing of the layers below. */
export function opaqueName(path: string): string {
  return path === "" ? OPAQUE_NAME : `${path}/${OPAQUE_NAME}`;
}

const OPAQUE = "trusted.overlay.opaque";

export function isWhiteout({ mode, major, minor }: Stat): boolean {
  return (mode & S.IFMT) === S.IFCHR && major === 0 && minor === 0;
}

/** Hides `name` of the lower layers. */
export function makeWhiteout(folder: Fd, name: string): void {
  makeNode(folder, name, S.IFCHR, 0n);
}

/** Hides all that the lower layers have in the directory `name` of `folder` (`.`: `folder` itself). */
export function makeOpaque(folder: Fd, name: string): void {
  setXattr(folder, name, OPAQUE, new TextEncoder().encode("y"));
}

export function isOpaque(folder: Fd, name = "."): boolean {
  return getXattr(folder, name, OPAQUE)?.[0] === 0x79; // "y"; "x" only says that the directory holds xattr whiteouts
}
