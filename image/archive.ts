import type { Bytes } from "../base/container_engine.ts";
import { invalid } from "../base/errors.ts";
import { compressionOf, decompressed } from "../fs/decompress.ts";
import { entryPath, splitPath } from "../fs/entry_path.ts";
import { type FileRange, readRange } from "../fs/file_range.ts";
import type { TarEntry } from "../base/tar/entry.ts";
import { type TarLimits, TarReader, type TarSink } from "../base/tar/reader.ts";
import { MAXIMUM_JSON } from "./json.ts";
import { openTarFile, Spool, type StoredTar, type TarSource } from "./stored_tar.ts";

type Member = { readonly offset: number; readonly length: number } | { readonly link: string };

/** An archive of images: its members by name, read in any order. */
export class Archive implements Disposable {
  readonly #tar: StoredTar;
  readonly #members: ReadonlyMap<string, Member>;

  private constructor(tar: StoredTar, members: ReadonlyMap<string, Member>) {
    this.#tar = tar;
    this.#members = members;
  }

  /**
   * Takes in a tar, plain or compressed. What lies in a file in plain is left there, and only its headers are read.
   * @throws invalid when it is broken
   */
  static async of(staging: string, tar: TarSource, limits: TarLimits, signal?: AbortSignal): Promise<Archive> {
    const index = new Index();
    const reader = new TarReader(index, limits);
    using undo = new DisposableStack();
    const stored = undo.use(await takeIn(staging, tar, reader, signal));
    reader.finish({ needsEnd: true });
    undo.move();
    return new Archive(stored, index.members);
  }

  [Symbol.dispose](): void {
    this.#tar[Symbol.dispose]();
  }

  has(name: string): boolean {
    return this.#find(name) !== undefined;
  }

  /** Where the member's bytes lie. @throws invalid when there is none */
  range(name: string): FileRange {
    const member = this.#find(name);
    if (member === undefined) throw invalid(`the archive has no file ${name}`);
    return { path: this.#tar.range.path, ...member };
  }

  /** A small member. @throws invalid when there is none, or it is larger than 4 MiB */
  async read(name: string): Promise<Bytes> {
    const range = this.range(name);
    if (range.length > MAXIMUM_JSON) throw invalid(`${name} has ${range.length} bytes, ${MAXIMUM_JSON} are allowed`);
    const whole = new Uint8Array(range.length);
    let at = 0;
    for await (const piece of readRange(range)) {
      whole.set(piece, at);
      at += piece.length;
    }
    return whole;
  }

  /** `docker save` of before 25 writes a layer once and links it from where it is used again. */
  #find(name: string): { offset: number; length: number } | undefined {
    for (let links = 0; links < 8; links++) {
      const member = this.#members.get(entryPath(name));
      if (member === undefined || !("link" in member)) return member;
      name = member.link;
    }
    return undefined;
  }
}

/** Lets `reader` see at least the headers of a tar. */
async function takeIn(
  staging: string,
  tar: TarSource,
  reader: TarReader,
  signal: AbortSignal | undefined,
): Promise<StoredTar> {
  const spool = (bytes: AsyncIterable<Bytes>) =>
    Spool.of(staging, decompressed(bytes), (piece) => reader.push(piece), signal);
  if (!("path" in tar)) return await spool(tar);
  using undo = new DisposableStack();
  const stored = undo.use(openTarFile(tar));
  if (await isCompressed(stored.range)) return await spool(readRange(stored.range));
  await readHeaders(stored.range, reader, signal);
  undo.move();
  return stored;
}

async function isCompressed({ path, length }: FileRange): Promise<boolean> {
  for await (const start of readRange({ path, offset: 0, length: Math.min(6, length) })) {
    return compressionOf(start) !== "none";
  }
  return false;
}

const HEADERS = 16 << 10;

/** Reads a tar without the data of large files. */
async function readHeaders(range: FileRange, reader: TarReader, signal: AbortSignal | undefined): Promise<void> {
  using file = await Deno.open(range.path);
  const buffer = new Uint8Array(HEADERS);
  for (let at = 0; at < range.length;) {
    signal?.throwIfAborted();
    await file.seek(at, Deno.SeekMode.Start);
    const n = await file.read(buffer) ?? 0;
    if (n === 0) return;
    reader.push(buffer.subarray(0, n));
    at += n + reader.skipData();
  }
}

/** Notes where the data of each file is. */
class Index implements TarSink {
  readonly members = new Map<string, Member>();
  #position = 0;
  #entry: { readonly path: string; readonly offset: number; readonly size: number; got: number } | undefined;

  entry({ name, type, size, linkName }: TarEntry): void {
    const path = entryPath(name);
    this.#entry = undefined;
    if (type === "file") this.#entry = { path, offset: this.#position, size, got: 0 };
    else if (type === "hardlink") this.members.set(path, { link: linkName });
    else if (type === "symlink") this.members.set(path, { link: `${splitPath(path).folder}/${linkName}` });
  }

  data(bytes: Bytes): void {
    this.#position += bytes.length;
    if (this.#entry !== undefined) this.#entry.got += bytes.length;
  }

  end(): void {
    // A file with holes does not lie there as it is; no tool writes one here.
    if (this.#entry?.got === this.#entry?.size && this.#entry !== undefined) {
      this.members.set(this.#entry.path, { offset: this.#entry.offset, length: this.#entry.size });
    }
  }

  skipped(length: number): void {
    this.#position += length;
    if (this.#entry !== undefined) this.#entry.got += length;
  }

  raw(bytes: Bytes): void {
    this.#position += bytes.length;
  }
}
