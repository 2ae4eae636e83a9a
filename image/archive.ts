import type { Bytes } from "../base/container_engine.ts";
import { invalid } from "../base/errors.ts";
import { decompressed } from "../fs/decompress.ts";
import { entryPath, splitPath } from "../fs/entry_path.ts";
import { type FileRange, readRange } from "../fs/file_range.ts";
import { FileWriter } from "../fs/file_writer.ts";
import { working } from "../fs/staging.ts";
import type { TarEntry } from "../base/tar/entry.ts";
import { type TarLimits, TarReader, type TarSink } from "../base/tar/reader.ts";
import { MAXIMUM_JSON } from "./json.ts";

type Member = { readonly offset: number; readonly length: number } | { readonly link: string };

/** A stream as a file of the state folder, as long as it is needed: what has to be read in another order than it comes. */
export class Spool implements Disposable {
  readonly path: string;
  readonly #working: Disposable;
  #length = 0;

  private constructor(path: string) {
    this.path = path;
    this.#working = working(path);
  }

  /** Writes `source` down; `watch` sees what is written. @throws `unavailable` when the disk is full */
  static async of(
    staging: string,
    source: AsyncIterable<Bytes>,
    watch: (bytes: Bytes) => void,
    signal?: AbortSignal,
  ): Promise<Spool> {
    using undo = new DisposableStack();
    const spool = undo.use(new Spool(`${staging}/spool-${crypto.randomUUID()}`));
    await using file = await FileWriter.create(spool.path, "take in the archive");
    for await (const bytes of source) {
      signal?.throwIfAborted();
      watch(bytes);
      await file.write(bytes);
      spool.#length += bytes.length;
    }
    await file.flush();
    undo.move();
    return spool;
  }

  get range(): FileRange {
    return { path: this.path, offset: 0, length: this.#length };
  }

  [Symbol.dispose](): void {
    this.#working[Symbol.dispose]();
    try {
      Deno.removeSync(this.path);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}

/** An archive of images: its members by name, read in any order. */
export class Archive implements Disposable {
  readonly #spool: Spool;
  readonly #members: ReadonlyMap<string, Member>;

  private constructor(spool: Spool, members: ReadonlyMap<string, Member>) {
    this.#spool = spool;
    this.#members = members;
  }

  /** Takes in a tar, plain or compressed. @throws invalid when it is broken */
  static async of(
    staging: string,
    tar: AsyncIterable<Bytes>,
    limits: TarLimits,
    signal?: AbortSignal,
  ): Promise<Archive> {
    const index = new Index();
    const reader = new TarReader(index, limits);
    using undo = new DisposableStack();
    const spool = undo.use(await Spool.of(staging, decompressed(tar), (bytes) => reader.push(bytes), signal));
    reader.finish({ needsEnd: true });
    undo.move();
    return new Archive(spool, index.members);
  }

  [Symbol.dispose](): void {
    this.#spool[Symbol.dispose]();
  }

  has(name: string): boolean {
    return this.#find(name) !== undefined;
  }

  /** Where the member's bytes lie. @throws invalid when there is none */
  range(name: string): FileRange {
    const member = this.#find(name);
    if (member === undefined) throw invalid(`the archive has no file ${name}`);
    return { path: this.#spool.path, ...member };
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

  raw(bytes: Bytes): void {
    this.#position += bytes.length;
  }
}
