/** A directory as a tar, with everything that a tar can say of it: the way back from fs/unpack_tree.ts. */
import type { Bytes } from "../base/container_engine.ts";
import { internal } from "../base/errors.ts";
import { getXattr, kindOf, listXattrs, type Stat, stat } from "../sys/attributes.ts";
import { listDirectory, readLink } from "../sys/directory.ts";
import type { Fd } from "../sys/fd.ts";
import { read } from "../sys/file.ts";
import { O, open, openInRoot } from "../sys/open.ts";
import { isErrno } from "../sys/syscall_error.ts";
import { type TarEntry, tarEntry, type TarEntryType } from "../base/tar/entry.ts";
import { type TarFile, writeTar } from "../base/tar/writer.ts";
import { statIfThere } from "./union_folder.ts";

const PIECE = 1 << 20;

/** The tar of what is in `folder`, names relative to it. Sockets are left out: they mean nothing elsewhere. */
export function packTree(folder: string): AsyncGenerator<Bytes> {
  return writeTar(files(folder));
}

/**
 * Each directory is followed by all that is below it: GNU tar gives it its times, and takes its write permission, when it
 * sees the first name that is not.
 */
function* files(root: string): Generator<TarFile> {
  using top = open(root, O.RDONLY | O.DIRECTORY);
  const found = stat(top);
  yield { entry: entryOf(top, ".", "./", found, "directory") };
  const linked = new Map<bigint, string>();
  const left = children(top, "");
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const { path, name, stat: { links, inode, device } } = next;
    const full = path === "" ? name : `${path}/${name}`;
    const type = kindOf(next.stat);
    if (type === undefined || type === "socket") continue;
    const first = type === "directory" ? undefined : linked.get(inode);
    if (first !== undefined) {
      yield { entry: tarEntry({ name: full, type: "hardlink", linkName: first }) };
      continue;
    }
    if (links > 1 && type !== "directory") linked.set(inode, full);
    const file = fileOf(top, { path, name, full }, next.stat, type);
    if (file !== undefined) yield file;
    if (type === "directory" && device === found.device) left.push(...children(top, full));
  }
}

interface Child {
  readonly path: string;
  readonly name: string;
  readonly stat: Stat;
}

/** What is in a directory, the first by name last; nothing where it has gone meanwhile. */
function children(top: Fd, path: string): Child[] {
  try {
    using folder = openInRoot(top, path || ".", O.RDONLY | O.DIRECTORY | O.NOFOLLOW);
    return [...listDirectory(folder)].sort().reverse().flatMap((name) => {
      const found = statIfThere(folder, name);
      return found === undefined ? [] : [{ path, name, stat: found }];
    });
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR", "ELOOP")) return [];
    throw error;
  }
}

function fileOf(
  top: Fd,
  { path, name, full }: { path: string; name: string; full: string },
  found: Stat,
  type: TarEntryType,
): TarFile | undefined {
  try {
    using at = openInRoot(top, path || ".", O.RDONLY | O.DIRECTORY | O.NOFOLLOW);
    const entry = entryOf(at, name, full, found, type);
    if (type !== "file") return { entry };
    const file = open(name, O.RDONLY | O.NOFOLLOW | O.NONBLOCK | O.NOCTTY, { at });
    return { entry, content: content(file, full, found.size) };
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR", "ELOOP", "ENXIO")) return undefined; // gone, or another thing, by now
    throw error;
  }
}

function entryOf(at: Fd, name: string, full: string, found: Stat, type: TarEntryType): TarEntry {
  const xattrs = new Map<string, Bytes>();
  for (const key of listXattrs(at, name)) {
    if (key.startsWith("security.selinux")) continue;
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
