/** A file as an entry of a tar, with everything that a tar can say of it. */
import type { Bytes } from "../base/container_engine.ts";
import { internal } from "../base/errors.ts";
import { type TarEntry, tarEntry, type TarEntryType } from "../base/tar/entry.ts";
import type { TarFile } from "../base/tar/writer.ts";
import { getXattr, kindOf, listXattrs, type Stat } from "../sys/attributes.ts";
import { readLink } from "../sys/directory.ts";
import type { Fd } from "../sys/fd.ts";
import { read } from "../sys/file.ts";
import { O, open } from "../sys/open.ts";
import { isErrno } from "../sys/syscall_error.ts";

const PIECE = 1 << 20;

/**
 * What `name` in an open directory is, as it is called in the tar; undefined for what no tar has (a socket), and for what
 * has gone or become another thing since it was looked at. A file is open until its content has been taken.
 */
export function fileEntry(at: Fd, name: string, full: string, found: Stat): TarFile | undefined {
  const type = kindOf(found);
  if (type === undefined || type === "socket") return undefined;
  try {
    const entry = entryOf(at, name, full, found, type);
    if (type !== "file") return { entry };
    const file = open(name, O.RDONLY | O.NOFOLLOW | O.NONBLOCK | O.NOCTTY, { at });
    return { entry, content: content(file, full, found.size) };
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR", "ELOOP", "ENXIO")) return undefined;
    throw error;
  }
}

/** An entry that names a file again. */
export function hardLinkEntry(full: string, first: string): TarFile {
  return { entry: tarEntry({ name: full, type: "hardlink", linkName: first }) };
}

function entryOf(at: Fd, name: string, full: string, found: Stat, type: TarEntryType): TarEntry {
  const xattrs = new Map<string, Bytes>();
  for (const key of listXattrs(at, name)) {
    if (key.startsWith("security.selinux") || key.startsWith("trusted.overlay.")) continue; // this machine's own
    const value = getXattr(at, name, key);
    if (value !== undefined) xattrs.set(key, value);
  }
  const { uid, gid, modified, major, minor } = found;
  return tarEntry({
    name: full,
    type,
    mode: found.mode & 0o7777,
    uid,
    gid,
    size: type === "file" ? found.size : 0,
    modified,
    linkName: type === "symlink" ? readLink(at, name) : "",
    ...type === "character" || type === "block" ? { major, minor } : {},
    xattrs,
  });
}

/** Exactly `size` bytes, whatever becomes of the file: the header has promised them. */
function* content(opened: Fd, path: string, size: number): Generator<Bytes> {
  using file = opened;
  for (let left = size; left > 0;) {
    const piece = new Uint8Array(Math.min(PIECE, left));
    const n = read(file, piece);
    if (n === 0) throw internal(`the file ${path} has become shorter while it was read`);
    yield piece.subarray(0, n);
    left -= n;
  }
}
