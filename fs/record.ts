import type { Bytes } from "../base/container_engine.ts";
import { S, stat } from "../sys/attributes.ts";
import type { Fd } from "../sys/fd.ts";
import { O, openInRoot } from "../sys/open.ts";
import { isErrno } from "../sys/syscall_error.ts";
import { splitPath } from "./entry_path.ts";
import type { SkeletonWriter } from "./skeleton.ts";
import type { TarEntry } from "../base/tar/entry.ts";
import type { TarSink } from "../base/tar/reader.ts";
import type { Unpacker } from "./unpack.ts";

interface Extent {
  readonly offset: number;
  length: number;
}

/** Files of the archive by their number, counted from 0 over all entries. */
export type FileNumbers = ReadonlySet<number>;

/**
 * Unpacks, and writes the skeleton beside it, which takes the data in of which no file is made (a whiteout may have some).
 * A file whose data does not stay at its path (a later entry of the same layer replaced it) cannot be had from there:
 * `lost()` says which, and a second run takes their data in.
 */
export class Recorder implements TarSink {
  readonly #unpacker: Unpacker | undefined;
  readonly #skeleton: SkeletonWriter;
  /** Where the data of each file is, if the files are there already. */
  readonly #paths: readonly (string | undefined)[];
  readonly #files: ({ readonly path: string; readonly inode: bigint } | undefined)[] = [];
  #number = -1;
  #extents: Extent[] = [];

  /** Records while `unpacker` makes the files. */
  static unpacking(unpacker: Unpacker, skeleton: SkeletonWriter): Recorder {
    return new Recorder(unpacker, skeleton, []);
  }

  /** Records only: the files are there as `first` made them, and the data of those that it lost is kept inline. */
  static again(first: Recorder, skeleton: SkeletonWriter, lost: FileNumbers): Recorder {
    const paths = first.#files.map((file, number) => lost.has(number) ? undefined : file?.path);
    return new Recorder(undefined, skeleton, paths);
  }

  private constructor(
    unpacker: Unpacker | undefined,
    skeleton: SkeletonWriter,
    paths: readonly (string | undefined)[],
  ) {
    this.#unpacker = unpacker;
    this.#skeleton = skeleton;
    this.#paths = paths;
  }

  entry(entry: TarEntry): void {
    this.#unpacker?.entry(entry);
    this.#number++;
  }

  data(bytes: Bytes, offset: number): void {
    this.#unpacker?.data(bytes, offset);
    if (!this.#makesFile()) return this.#skeleton.bytes(bytes);
    const last = this.#extents.at(-1);
    if (last !== undefined && last.offset + last.length === offset) last.length += bytes.length;
    else this.#extents.push({ offset, length: bytes.length });
  }

  #makesFile(): boolean {
    return this.#unpacker === undefined ? this.#paths[this.#number] !== undefined : this.#unpacker.makesFile;
  }

  end(): void {
    this.#unpacker?.end();
    const file = this.#unpacker?.lastFile;
    const path = file?.path ?? this.#paths[this.#number];
    if (path === undefined || this.#extents.length === 0) return;
    this.#files[this.#number] = file;
    for (const { offset, length } of this.#extents) this.#skeleton.file(path, offset, length);
    this.#extents = [];
  }

  raw(bytes: Bytes): void {
    this.#skeleton.bytes(bytes);
  }

  /** The files whose data is not at their path in `root` any more. */
  lost(root: Fd): FileNumbers {
    const lost = new Set<number>();
    if (!this.#unpacker?.hasRemoved) return lost;
    // The inode of a file that was removed may serve a later one: what it holds is the last one's.
    const owners = new Map(this.#files.flatMap((file, number) => file === undefined ? [] : [[file.inode, number]]));
    for (const [number, file] of this.#files.entries()) {
      if (file === undefined) continue;
      if (owners.get(file.inode) !== number || !isThere(root, file.path, file.inode)) lost.add(number);
    }
    return lost;
  }
}

function isThere(root: Fd, path: string, inode: bigint): boolean {
  const { folder, base } = splitPath(path);
  try {
    using at = openInRoot(root, folder || ".", O.PATH | O.DIRECTORY);
    const there = stat(at, base);
    return there.inode === inode && (there.mode & S.IFMT) === S.IFREG;
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR", "ELOOP")) return false;
    throw error;
  }
}
