import type { Bytes } from "../base/container_engine.ts";
import type { TarEntry } from "../base/tar/entry.ts";
import type { TarSink } from "../base/tar/reader.ts";
import type { Fd } from "../sys/fd.ts";
import { O, open } from "../sys/open.ts";
import { entryPath, splitPath } from "./entry_path.ts";
import type { FileNumbers } from "./made_files.ts";
import { SkeletonWriter } from "./skeleton.ts";
import { unpackError } from "./unpack_error.ts";
import { isWhiteoutName } from "./whiteout.ts";

/**
 * Writes the skeleton of a layer as its tar comes. The data of a file stays where the entry says that it lies; data of
 * which no file is made (a whiteout may have some) is taken in.
 */
export class Recorder implements TarSink, Disposable {
  readonly #file: Fd;
  readonly #skeleton: SkeletonWriter;
  readonly #inline: FileNumbers;
  #number = -1;
  #path: string | undefined;
  /** Data of the file that follow one another. */
  #from = 0;
  #to = 0;

  /** @param inline files that do not stay at their path: their data is taken in, too */
  constructor(path: string, inline: FileNumbers = new Set()) {
    this.#file = open(path, O.WRONLY | O.CREAT | O.EXCL, { mode: 0o600 });
    this.#skeleton = new SkeletonWriter(this.#file);
    this.#inline = inline;
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }

  /** Writes what is still in memory. */
  finish(): void {
    this.#skeleton.finish();
  }

  entry(entry: TarEntry): void {
    this.#path = this.#inline.has(++this.#number) ? undefined : pathOfFile(entry);
  }

  data(bytes: Bytes, offset: number): void {
    if (this.#path === undefined) return this.#skeleton.bytes(bytes);
    if (offset !== this.#to) this.#put(offset);
    this.#to = offset + bytes.length;
  }

  end(): void {
    this.#put(0);
  }

  raw(bytes: Bytes): void {
    this.#skeleton.bytes(bytes);
  }

  /** Notes what has come, and begins anew at `next`. */
  #put(next: number): void {
    if (this.#path !== undefined && this.#to > this.#from) {
      this.#skeleton.file(this.#path, this.#from, this.#to - this.#from);
    }
    this.#from = this.#to = next;
  }
}

/** Where the unpacker makes a file of this entry; undefined where it makes none. */
function pathOfFile({ type, name }: TarEntry): string | undefined {
  if (type !== "file") return undefined;
  try {
    const path = entryPath(name);
    return isWhiteoutName(splitPath(path).base) ? undefined : path;
  } catch (error) {
    throw unpackError(name, error);
  }
}
