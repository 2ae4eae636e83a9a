/** Local files as a tar, with what Deno tells of them: docker's CLI sends no more, but for extended attributes. */
import type { Bytes } from "../../base/container_engine.ts";
import { describeError } from "../../base/errors.ts";
import { type TarEntry, tarEntry, type TarEntryType } from "../../base/tar/entry.ts";
import type { TarFile } from "../../base/tar/writer.ts";
import { Directory, isSame } from "./directory.ts";
import { attempt } from "./file_error.ts";
import { namesDirectory, splitPath } from "./path.ts";

const PIECE = 1 << 18;

/** Something to pack. */
export interface Packed {
  /** With a slash or `/.` after it what it leads to, else a symlink itself. */
  readonly path: string;
  /** How it is called in the tar. */
  readonly name: string;
}

/** Told of each file that no copy can have (`skipped`), and of each that should be in it and is not, or not whole. */
export type Complaint = (message: string, kind: "skipped" | "failed") => void;

/** All of it, directories before what is in them, names sorted. What cannot be read is complained of and left out. */
export function* packFiles(all: readonly Packed[], complain: Complaint): Generator<TarFile> {
  const packer = new Packer(complain);
  for (const { path, name } of all) {
    if (namesDirectory(path)) {
      using directory = Directory.open(path);
      yield* packer.directory(directory, name);
      continue;
    }
    const place = splitPath(path);
    using folder = Directory.open(place.folder);
    const info = attempt("lstat", path, () => Deno.lstatSync(folder.at(place.name)));
    if (!info.isDirectory) yield* packer.file(folder, place.name, name, info);
    else {
      using directory = folder.child(place.name);
      yield* packer.directory(directory, name);
    }
  }
}

class Packer {
  readonly #complain: Complaint;
  /** Names in the tar of files with several names, by device and inode. */
  readonly #linked = new Map<string, string>();

  constructor(complain: Complaint) {
    this.#complain = complain;
  }

  *directory(directory: Directory, name: string): Generator<TarFile> {
    // What is in a directory goes into another, which stays as it is.
    if (name !== ".") yield { entry: entryOf("directory", name, directory.file.statSync()) };
    const names = this.#tried(() => [...Deno.readDirSync(directory.at("."))].map(({ name }) => name));
    for (const child of names?.sort() ?? []) yield* this.#child(directory, child, `${name}/${child}`);
  }

  *#child(parent: Directory, child: string, name: string): Generator<TarFile> {
    const path = parent.shown(child);
    const info = this.#tried(() => attempt("lstat", path, () => Deno.lstatSync(parent.at(child))));
    if (info?.isDirectory) {
      using directory = this.#tried(() => parent.child(child));
      if (directory !== undefined) yield* this.directory(directory, name);
    } else if (info !== undefined) yield* this.file(parent, child, name, info);
  }

  /** Anything but a directory. */
  *file(parent: Directory, child: string, name: string, info: Deno.FileInfo): Generator<TarFile> {
    const path = parent.shown(child);
    const type = typeOf(info);
    if (type === undefined) return this.#complain(`${path} is a socket: not copied`, "skipped");
    const first = this.#firstName(info, name);
    if (first !== undefined) yield { entry: { ...entryOf("hardlink", name, info), linkName: first } };
    else if (type === "symlink") {
      const target = this.#tried(() => attempt("readlink", path, () => Deno.readLinkSync(parent.at(child))));
      if (target !== undefined) yield { entry: { ...entryOf(type, name, info), linkName: target } };
    } else if (type !== "file") yield { entry: entryOf(type, name, info) };
    else {
      const file = this.#tried(() => this.#regularFile(parent, child, name, info));
      if (file !== undefined) yield file;
    }
  }

  /** The name under which the tar has the file already; this one, and undefined, if it has not. */
  #firstName({ nlink, dev, ino }: Deno.FileInfo, name: string): string | undefined {
    // A number that JavaScript has rounded may be that of two files.
    if (nlink === null || nlink < 2 || ino === null || !Number.isSafeInteger(ino)) return undefined;
    const key = `${dev}:${ino}`;
    const first = this.#linked.get(key);
    if (first === undefined) this.#linked.set(key, name);
    return first;
  }

  #regularFile(parent: Directory, child: string, name: string, info: Deno.FileInfo): TarFile | undefined {
    const path = parent.shown(child);
    const file = attempt("open", path, () => Deno.openSync(parent.at(child)));
    const opened = file.statSync();
    // Whoever can write there might put a symlink in the place of the file, to be sent another one.
    if (!isSame(opened, info)) {
      file.close();
      return void this.#complain(`${path} has changed while it was copied: left out`, "failed");
    }
    const content = this.#pieces(file, path, opened.size);
    if (opened.size > PIECE) return { entry: entryOf("file", name, opened), content };
    return { entry: entryOf("file", name, opened), content: [...content] }; // and closed before the next is opened
  }

  /** As many bytes as the header says, whatever becomes of the file. */
  *#pieces(file: Deno.FsFile, path: string, size: number): Generator<Bytes> {
    using _closed = file;
    for (let left = size; left > 0;) {
      const piece = new Uint8Array(Math.min(left, PIECE));
      const count = this.#tried(() => attempt("read", path, () => file.readSync(piece))) ?? 0;
      if (count === 0) {
        this.#complain(`${path}: its last ${left} bytes could not be read: there are zeros in their place`, "failed");
        yield* zeros(left);
        return;
      }
      yield piece.subarray(0, count);
      left -= count;
    }
  }

  /** What `work` gives; undefined, and a complaint, when it fails: one file is no reason to leave out the others. */
  #tried<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      this.#complain(describeError(error), "failed");
      return undefined;
    }
  }
}

const zero = new Uint8Array(PIECE);

/** So many zeros in pieces, which are for reading only. */
export function* zeros(count: number): Generator<Bytes> {
  for (let left = count; left > 0; left -= PIECE) yield zero.subarray(0, left);
}

function typeOf(info: Deno.FileInfo): TarEntryType | undefined {
  if (info.isFile) return "file";
  if (info.isSymlink) return "symlink";
  if (info.isFifo) return "fifo";
  if (info.isCharDevice) return "character";
  return info.isBlockDevice ? "block" : undefined;
}

function entryOf(type: TarEntryType, name: string, info: Deno.FileInfo): TarEntry {
  const { mode, uid, gid, size, mtime, rdev } = info;
  const isDevice = type === "character" || type === "block";
  return tarEntry({
    name,
    type,
    mode: (mode ?? 0) & 0o7777,
    uid: uid ?? 0,
    gid: gid ?? 0,
    size: type === "file" ? size : 0,
    // Whole seconds, as docker has it: a fraction takes a header of its own, and Deno has but milliseconds.
    modified: BigInt(Math.floor((mtime?.getTime() ?? 0) / 1000)) * 1_000_000_000n,
    ...isDevice ? deviceNumbers(rdev ?? 0) : {},
  });
}

/** As the kernel packs them (makedev(3)): twelve bits of the major number between two parts of the minor one. */
function deviceNumbers(device: number): { major: number; minor: number } {
  return { major: (device >>> 8) & 0xfff, minor: (device & 0xff) | ((device >>> 12) & 0xfff00) };
}
