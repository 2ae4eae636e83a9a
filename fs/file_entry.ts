/** A file as an entry of a tar, with everything that a tar can say of it. */
import type { Bytes } from "../base/container_engine.ts";
import { internal } from "../base/errors.ts";
import { type TarEntry, tarEntry, type TarEntryType } from "../base/tar/entry.ts";
import type { TarFile } from "../base/tar/writer.ts";
import { getXattr, kindOf, listXattrs, type Stat } from "../sys/attributes.ts";
import { readLink } from "../sys/directory.ts";
import type { Fd } from "../sys/fd.ts";
import { read } from "../sys/file.ts";
import { isErrno } from "../sys/syscall_error.ts";
import { findFile, type FoundFile } from "./regular_file.ts";
import { isOverlayXattr } from "./xattr.ts";

const PIECE = 1 << 20;

/**
 * What `name` in an open directory is, as it is called in the tar; undefined for what no tar has (a socket), and for what
 * has gone. A file is open until it is disposed of.
 */
export function fileEntry(at: Fd, name: string, full: string): TarFile | undefined {
  return lookedAt(at, name, full, (entry, found) => {
    if (entry.type !== "file") return { entry };
    const file = found.open();
    return { entry, content: content(file, full, entry.size), dispose: () => file.close() };
  });
}

/**
 * The same of a file that the tar has already, as `first`. It says all of it again: Docker gives a file the owner and the
 * mode of each entry that names it.
 */
export function hardLinkEntry(at: Fd, name: string, full: string, first: string): TarFile | undefined {
  return lookedAt(at, name, full, (entry) => ({ entry: { ...entry, type: "hardlink", linkName: first, size: 0 } }));
}

function lookedAt(
  at: Fd,
  name: string,
  full: string,
  use: (entry: TarEntry, found: FoundFile) => TarFile,
): TarFile | undefined {
  using found = findFile(at, name);
  const type = found && kindOf(found.stat);
  if (found === undefined || type === undefined || type === "socket") return undefined;
  try {
    return use(entryOf(at, name, full, found.stat, type), found);
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR", "EINVAL")) return undefined; // another thing, or nothing, by now
    throw error;
  }
}

function entryOf(at: Fd, name: string, full: string, found: Stat, type: TarEntryType): TarEntry {
  const xattrs = new Map<string, Bytes>();
  for (const key of listXattrs(at, name)) {
    if (key.startsWith("security.selinux") || isOverlayXattr(key)) continue; // this machine's own
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
function* content(file: Fd, path: string, size: number): Generator<Bytes> {
  for (let left = size; left > 0;) {
    const piece = new Uint8Array(Math.min(PIECE, left));
    const n = read(file, piece);
    if (n === 0) throw internal(`the file ${path} has become shorter while it was read`);
    yield piece.subarray(0, n);
    left -= n;
  }
}
