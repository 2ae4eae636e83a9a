/**
 * Unpacks a layer into a folder. What the tar says is hostile: every folder is opened as if the layer's were `/`, every
 * name is made in an open folder, newly (O_EXCL), and no symlink is followed in the last step. Owner comes before mode
 * (chown clears set-user-ID), attributes after that, times last.
 */
import { conflict, invalid } from "../base/errors.ts";
import type { Bytes } from "../base/container_engine.ts";
import { identity, S, setMode, setModeAt, setOwner, setTime, setTimeAt, setXattr, stat } from "../sys/attributes.ts";
import { deviceNumber, makeDirectory, makeHardLink, makeNode, makeSymlink, unlink } from "../sys/directory.ts";
import type { Fd } from "../sys/fd.ts";
import { beginWriteback, truncate, writeAllAt } from "../sys/file.ts";
import { O, open, openInRoot } from "../sys/open.ts";
import { isErrno } from "../sys/syscall_error.ts";
import { entryPath, splitPath } from "./entry_path.ts";
import type { MadeFiles } from "./made_files.ts";
import { removeTree } from "./remove_tree.ts";
import type { TarEntry } from "../base/tar/entry.ts";
import type { TarSink } from "../base/tar/reader.ts";
import { unpackError } from "./unpack_error.ts";
import { isWhiteout, makeOpaque, makeWhiteout, whiteoutOf } from "./whiteout.ts";
import { isKeptXattr } from "./xattr.ts";

/** (uid_t) -1 means "leave it" to chown(2), so it is no owner. */
const MAXIMUM_OWNER = 2 ** 32 - 2;

/** Bytes of a file from which on it pays to let the disk begin. */
const LARGE = 8 << 20;

/** What a layer holds, once it is unpacked. */
export interface UnpackSummary {
  /** Sum of the sizes of its files, which is what Docker calls the size of a layer. */
  readonly size: number;
  /** Whether its root hides all lower layers. Overlay ignores the attribute there, so whoever mounts must. */
  readonly hidesLower: boolean;
}

/** How a tar is unpacked that is not a layer's. */
export interface UnpackOptions {
  /** Whether it is the tar of a layer, which says by names what is gone; the default. */
  readonly whiteouts?: boolean;
  /**
   * Where in the root it is unpacked, in a directory that may have something in it: the way to it, without a slash at
   * either end, and itself, open.
   */
  readonly below?: { readonly path: string; readonly folder: Fd };
  /** Whom all that is made is given to; absent: whom the tar says. */
  readonly owner?: { readonly uid: number; readonly gid: number };
  /** A directory does not take the place of something else. */
  readonly keepKinds?: boolean;
  /** Is told of each file that has data. */
  readonly made?: MadeFiles;
}

/**
 * A sink that makes files in `root`, which nobody else uses and is empty; or, with `below`, in a directory of the root of
 * a container, whose processes may do there what they like meanwhile.
 */
export class Unpacker implements TarSink, Disposable {
  readonly #root: Fd;
  /** The directory that an entry without a name means. */
  readonly #top: Fd;
  readonly #options: UnpackOptions;
  /** The folder of the last entry; most come folder by folder. */
  #folder: { readonly path: string; readonly fd: Fd } | undefined;
  /** Something was removed since it was opened: its path may lead elsewhere now. */
  #folderIsStale = false;
  #file: OpenFile | undefined;
  /** Making a file changes the time of its folder, so folders get theirs at the end. */
  readonly #folderTimes = new Map<string, bigint>();
  #size = 0;
  #hidesLower = false;
  /** Of the entry, counted from 0. */
  #number = -1;
  #hasRemoved = false;

  constructor(root: Fd, options: UnpackOptions = {}) {
    this.#root = root;
    this.#options = options;
    this.#top = options.below?.folder ?? root;
  }

  /** Whether anything that an earlier entry made is gone. */
  get hasRemoved(): boolean {
    return this.#hasRemoved;
  }

  entry(entry: TarEntry): void {
    this.#number++;
    this.#naming(entry, () => this.#make(entry, entryPath(entry.name)));
  }

  data(bytes: Bytes, offset: number): void {
    const file = this.#file;
    if (file === undefined) return;
    this.#naming(file.entry, () => writeAllAt(file.fd, bytes, offset));
    file.written = offset + bytes.length;
    if (file.written - file.begun >= LARGE) this.#beginWriteback(file);
  }

  /** Of a large file, so that the disk works meanwhile, and a flood of dirty pages does not hold up others in the end. */
  #beginWriteback(file: OpenFile): void {
    this.#naming(file.entry, () => beginWriteback(file.fd, file.begun, file.written - file.begun));
    file.begun = file.written;
  }

  end(): void {
    const file = this.#file;
    if (file === undefined) return;
    this.#file = undefined;
    try { // `using` would take 0.4 µs of each file
      this.#naming(file.entry, () => this.#complete(file));
    } finally {
      file.fd.close();
    }
    this.#size += file.entry.size;
  }

  #complete({ fd, entry, path, parent, base, written }: OpenFile): void {
    if (written < entry.size) truncate(fd, entry.size); // it ends in a hole
    const { inode, uid, gid, mode } = identity(fd);
    const { owner = entry, made } = this.#options;
    // Most are root's, with a mode that the umask lets through: then two calls of seven are saved.
    if (uid !== owner.uid || gid !== owner.gid) setOwner(fd, "", owner.uid, owner.gid);
    if ((mode & 0o7777) !== entry.mode) setMode(fd, entry.mode);
    // Not before the data: a write takes security.capability away.
    setXattrs(entry, parent, base);
    setTime(fd, entry.modified);
    if (written > 0) made?.add(this.#number, path, inode);
  }

  /** Gives the folders their times. */
  finish(): UnpackSummary {
    for (const [path, time] of this.#folderTimes) {
      try {
        using folder = openInRoot(this.#root, this.#inRoot(path), O.RDONLY | O.DIRECTORY | O.NOFOLLOW);
        setTime(folder, time);
      } catch (error) {
        // A later entry put something else in its place.
        if (!isErrno(error, "ENOENT", "ENOTDIR", "ELOOP")) throw error;
      }
    }
    return { size: this.#size, hidesLower: this.#hidesLower };
  }

  [Symbol.dispose](): void {
    this.#folder?.fd.close();
    this.#file?.fd.close();
    this.#folder = this.#file = undefined;
  }

  #inRoot(path: string): string {
    const below = this.#options.below?.path ?? "";
    return below === "" || path === "" ? `${below}${path}` || "." : `${below}/${path}`;
  }

  #own(at: Fd, name: string, entry: TarEntry): void {
    const { uid, gid } = this.#options.owner ?? entry;
    setOwner(at, name, uid, gid);
  }

  #naming(entry: TarEntry, work: () => void): void {
    try {
      work();
    } catch (error) {
      throw unpackError(entry.name, error);
    }
  }

  #make(entry: TarEntry, path: string): void {
    if (entry.uid > MAXIMUM_OWNER || entry.gid > MAXIMUM_OWNER) {
      throw invalid(`the owner ${entry.uid}:${entry.gid} is out of range`);
    }
    if (path === "") return this.#rootEntry(entry);
    const { folder, base } = splitPath(path);
    const whiteout = this.#options.whiteouts !== false ? whiteoutOf(base) : undefined;
    if (whiteout === "bookkeeping") return;
    const parent = this.#open(folder);
    if (whiteout === "opaque") {
      makeOpaque(parent, ".");
      if (folder === "") this.#hidesLower = true;
    } else if (whiteout !== undefined) this.#hide(parent, whiteout.hides);
    else this.#create(entry, path, parent, base);
  }

  #rootEntry(entry: TarEntry): void {
    if (entry.type !== "directory") throw invalid(`the root cannot be a ${entry.type}`);
    if (this.#options.below !== undefined) return; // one that was there stays as it is, as with Docker
    this.#attributes(entry, this.#top, ".");
    this.#folderTimes.set("", entry.modified);
  }

  /** A whiteout is about lower layers: what this layer has itself of that name stays. */
  #hide(parent: Fd, name: string): void {
    try {
      makeWhiteout(parent, name);
    } catch (error) {
      if (!isErrno(error, "EEXIST")) throw error;
      if ((stat(parent, name).mode & S.IFMT) === S.IFDIR) makeOpaque(parent, name);
    }
  }

  #create(entry: TarEntry, path: string, parent: Fd, base: string): void {
    switch (entry.type) {
      case "file":
        this.#replacing(parent, base, () => {
          // Where others look on, nobody may read what is not given to its owner yet.
          const mode = this.#options.below === undefined ? entry.mode & 0o777 : 0o600;
          const fd = open(base, O.WRONLY | O.CREAT | O.EXCL | O.NOFOLLOW, { at: parent, mode });
          this.#file = { fd, entry, path, parent, base, written: 0, begun: 0 };
        });
        return; // the rest when its data is written
      case "directory":
        this.#directory(parent, base);
        this.#folderTimes.set(path, entry.modified);
        break;
      case "symlink":
        this.#replacing(parent, base, () => makeSymlink(entry.linkName, parent, base));
        break;
      case "hardlink":
        this.#link(entryPath(entry.linkName), parent, base);
        return; // owner, mode and times are those of the file that it names
      default:
        this.#replacing(parent, base, () => makeNode(parent, base, nodeType(entry), deviceOf(entry)));
    }
    this.#attributes(entry, parent, base);
    if (entry.type !== "directory") setTimeAt(parent, base, entry.modified);
  }

  #directory(parent: Fd, base: string): void {
    try {
      makeDirectory(parent, base, 0o755);
    } catch (error) {
      if (!isErrno(error, "EEXIST")) throw error;
      const there = stat(parent, base);
      if ((there.mode & S.IFMT) === S.IFDIR) return;
      if (this.#options.keepKinds) throw conflict(`cannot overwrite non-directory "${base}" with directory "${base}"`);
      this.#remove(parent, base);
      makeDirectory(parent, base, 0o755);
      if (isWhiteout(there)) makeOpaque(parent, base);
    }
  }

  #link(target: string, parent: Fd, base: string): void {
    const { folder, base: name } = splitPath(target);
    if (name === "") throw invalid("it links to the root");
    using from = openInRoot(this.#root, this.#inRoot(folder), O.PATH | O.DIRECTORY);
    if (stat(from).inode === stat(parent).inode && name === base) return;
    if ((stat(from, name).mode & S.IFMT) === S.IFDIR) throw invalid(`it links to the directory ${target}`);
    this.#replacing(parent, base, () => makeHardLink(from, name, parent, base));
  }

  #attributes(entry: TarEntry, parent: Fd, base: string): void {
    this.#own(parent, base, entry);
    if (entry.type !== "symlink") setModeAt(parent, base, entry.mode);
    setXattrs(entry, parent, base);
  }

  /** Does `make`, and again after removing what an earlier entry of this layer left of that name. */
  #replacing(parent: Fd, base: string, make: () => void): void {
    try {
      make();
    } catch (error) {
      if (!isErrno(error, "EEXIST")) throw error;
      this.#remove(parent, base);
      make();
    }
  }

  #remove(parent: Fd, base: string): void {
    this.#folderIsStale = this.#hasRemoved = true;
    const there = stat(parent, base);
    const isFolder = (there.mode & S.IFMT) === S.IFDIR;
    if (this.#options.below !== undefined) {
      if (isFolder) throw conflict(`cannot overwrite directory "${base}" with non-directory "${base}"`);
      // The kernel would take the mount away in the container's namespace, and say nothing.
      if (there.mount !== stat(parent).mount) {
        throw conflict(`cannot replace ${base}: it is mounted there, device or resource busy`);
      }
    }
    if (isFolder) removeTree(parent, base);
    else unlink(parent, base);
  }

  /** The folder `path`, made if it is missing; a symlink on the way leads to where it would with the layer as `/`. */
  #open(path: string): Fd {
    if (path === "") return this.#top;
    if (this.#folder?.path === path && !this.#folderIsStale) return this.#folder.fd;
    const fd = this.#openOrMake(path);
    this.#folderIsStale = false;
    this.#folder?.fd.close();
    this.#folder = { path, fd };
    return fd;
  }

  #openOrMake(path: string): Fd {
    try {
      return openInRoot(this.#root, this.#inRoot(path), O.PATH | O.DIRECTORY);
    } catch (error) {
      if (!isErrno(error, "ENOENT")) throw error;
    }
    const { folder, base } = splitPath(path);
    using above = folder === "" ? openInRoot(this.#top, ".", O.PATH | O.DIRECTORY) : this.#openOrMake(folder);
    makeDirectory(above, base, 0o755); // fails where a symlink dangles
    setModeAt(above, base, 0o755);
    return openInRoot(above, base, O.PATH | O.DIRECTORY | O.NOFOLLOW);
  }
}

/** A file whose data is being written. */
interface OpenFile {
  readonly fd: Fd;
  readonly entry: TarEntry;
  readonly path: string;
  readonly parent: Fd;
  readonly base: string;
  written: number;
  /** How much of it is on its way to the disk. */
  begun: number;
}

function setXattrs({ xattrs }: TarEntry, parent: Fd, base: string): void {
  for (const [key, value] of xattrs) if (isKeptXattr(key)) setXattr(parent, base, key, value);
}

function nodeType({ type }: TarEntry): number {
  return type === "character" ? S.IFCHR : type === "block" ? S.IFBLK : S.IFIFO;
}

function deviceOf({ type, major, minor }: TarEntry): bigint {
  return type === "fifo" ? 0n : deviceNumber(major, minor);
}
