/**
 * Reads a tar as its bytes come: `push` them in pieces of any size, and the sink is told what they hold.
 *
 *     raw(header) entry(e) data(bytes, offset)… raw(padding) end()   — once per file
 *     raw(…)                                                         — what comes after the last
 *
 * `raw` and `data` together are every byte of the archive in its order, so a sink can keep what is needed to write the
 * very same archive again.
 */
import type { Bytes } from "../container_engine.ts";
import { describeError, EngineError, invalid } from "../errors.ts";
import { BLOCK, checksumFits, FIELD, isZero, paddingOf } from "./block.ts";
import type { TarEntry } from "./entry.ts";
import { decodeEntry, type Extensions, extensionSize, isExtension, type StoredEntry, takeExtension } from "./decode.ts";
import { addOldPairs, type Extent, extents, LeadingMap } from "./sparse.ts";

export interface TarSink {
  entry(entry: TarEntry): void;
  /** Bytes of the file that `entry` announced, for `offset`; holes are left out. */
  data(bytes: Bytes, offset: number): void;
  /** So many bytes of it were passed over. */
  skipped?(length: number): void;
  /** The file is complete. */
  end(): void;
  /** Bytes of the archive that are not data of a file. */
  raw?(bytes: Bytes): void;
}

/** What an archive may announce before it is refused (a bomb must not be written to the disk to be noticed). */
export interface TarLimits {
  /** Data of all files, in bytes. */
  readonly bytes: number;
  /** Sum of the sizes of all files, holes included. */
  readonly apparentBytes: number;
  readonly entries: number;
}

/** The files of an archive have more bytes than {@link TarLimits} allow. */
class TooLarge extends EngineError {
  constructor(message: string) {
    super("invalid", message);
  }
}

/** Whether that was the reason, or the reason of the reason. */
export function isTooLarge(error: unknown): boolean {
  return error instanceof TooLarge || (error instanceof Error && isTooLarge(error.cause));
}

/** A long name, link or extended header; Go's archive/tar has the same limit. */
const MAXIMUM_EXTENSION = 1 << 20;
/** Bytes other than zeros after the end; GNU tar may leave rubbish in its last record of 10 KiB. */
const MAXIMUM_RUBBISH = 1 << 20;

type State = "header" | "extension" | "old sparse" | "sparse map" | "data" | "padding" | "ended";

export class TarReader {
  readonly #sink: TarSink;
  readonly #limits: TarLimits;
  #state: State = "header";
  /** A block that is not complete yet. */
  readonly #partial = new Uint8Array(BLOCK);
  #filled = 0;
  #position = 0;
  #extension: { type: string; data: Bytes; filled: number; size: number } | undefined;
  #extensions: Extensions = {};
  #stored: StoredEntry | undefined;
  #pairs: number[] = [];
  #leadingMap = new LeadingMap();
  /** All that precedes the data has been read. */
  #ready = false;
  /** Bytes of data that the archive still has for the entry. */
  #remaining = 0;
  #padding = 0;
  #extents: Extent[] = [];
  #extent = 0;
  #inExtent = 0;
  #zeroBlocks = 0;
  #rubbish = 0;
  #bytes = 0;
  #apparentBytes = 0;
  #entries = 0;
  #lastName = "";

  constructor(sink: TarSink, limits: TarLimits) {
    this.#sink = sink;
    this.#limits = limits;
  }

  /** Takes the next bytes. @throws invalid naming the entry when the archive is broken or beyond the limits */
  push(chunk: Bytes): void {
    for (let at = 0; at < chunk.length;) {
      const taken = this.#take(chunk, at);
      at += taken;
      this.#position += taken;
    }
  }

  /** Passes over what the archive has of the data of the file that was announced last: so many bytes need not be pushed. */
  skipData(): number {
    if (this.#state !== "data") return 0;
    const length = this.#remaining;
    this.#position += length;
    this.#remaining = 0;
    this.#sink.skipped?.(length);
    this.#dataDone();
    return length;
  }

  /**
   * There are no more bytes. With `needsEnd` the archive must have its end marker (two blocks of zeros), without which
   * one that was cut between two entries looks whole.
   * @throws invalid when it was cut
   */
  finish({ needsEnd = false } = {}): void {
    const between = this.#state === "header" && this.#filled === 0 && !this.#hasExtensions();
    if (this.#state === "ended" || (between && (!needsEnd || this.#zeroBlocks > 0))) return;
    if (this.#position < BLOCK) throw invalid(`this is no tar archive: it has ${this.#position} bytes`);
    const where = this.#stored ? `in ${this.#stored.entry.name}` : this.#lastName ? `after ${this.#lastName}` : "";
    throw invalid(`the tar archive is truncated ${where}`.trimEnd() + ` (at byte ${this.#position})`);
  }

  #hasExtensions(): boolean {
    return Object.keys(this.#extensions).length > 0;
  }

  /** Takes what one state is about of the bytes from `at` on, and returns how many these are. */
  #take(chunk: Bytes, at: number): number {
    switch (this.#state) {
      case "data":
        return this.#takeData(chunk, at);
      case "padding":
        return this.#takePadding(chunk, at);
      case "ended":
        return this.#takeTrailer(chunk.subarray(at));
      default:
        return this.#takeBlock(chunk, at);
    }
  }

  #takeBlock(chunk: Bytes, at: number): number {
    if (this.#filled === 0 && chunk.length - at >= BLOCK) {
      this.#block(chunk.subarray(at, at + BLOCK));
      return BLOCK;
    }
    const taken = Math.min(BLOCK - this.#filled, chunk.length - at);
    this.#partial.set(chunk.subarray(at, at + taken), this.#filled);
    this.#filled += taken;
    if (this.#filled === BLOCK) {
      this.#filled = 0;
      this.#block(this.#partial.slice());
    }
    return taken;
  }

  #block(block: Bytes): void {
    this.#sink.raw?.(block);
    try {
      if (this.#state === "header") this.#header(block);
      else if (this.#state === "extension") this.#extend(block);
      else if (this.#state === "old sparse") this.#oldSparse(block);
      else this.#sparseMap(block);
    } catch (error) {
      const after = this.#lastName && `, after ${this.#lastName}`;
      const place = this.#stored ? `entry ${this.#lastName}` : `header at byte ${this.#position}${after}`;
      throw invalid(`tar ${place}: ${describeError(error)}`, { cause: error });
    }
    if (this.#ready) this.#enter(); // outside of the above: what the sink throws is its own
  }

  #header(block: Bytes): void {
    if (isZero(block)) {
      if (this.#hasExtensions()) throw invalid("an extended header stands before the end");
      if (++this.#zeroBlocks === 2) this.#state = "ended";
      return;
    }
    if (this.#zeroBlocks > 0) throw invalid("a header follows a block of zeros");
    if (!looksRight(block)) {
      throw invalid(this.#position === 0 ? "this is no tar archive, the checksum is wrong" : "the checksum is wrong");
    }
    const type = String.fromCharCode(block[FIELD.type[0]] ?? 0);
    if (isExtension(type)) {
      const size = extensionSize(block);
      if (size > MAXIMUM_EXTENSION) throw invalid(`an extended header of ${size} bytes is too long`);
      this.#extension = { type, data: new Uint8Array(size + paddingOf(size)), filled: 0, size };
      if (size > 0) this.#state = "extension";
      else this.#extensionDone();
      return;
    }
    const stored = decodeEntry(block, type, this.#extensions);
    this.#extensions = {};
    this.#announce(stored, block);
  }

  #extend(block: Bytes): void {
    const extension = this.#extension;
    if (extension === undefined) return;
    extension.data.set(block, extension.filled);
    extension.filled += BLOCK;
    if (extension.filled >= extension.data.length) this.#extensionDone();
  }

  #extensionDone(): void {
    if (this.#extension === undefined) return;
    const { type, data, size } = this.#extension;
    takeExtension(this.#extensions, type, data.subarray(0, size));
    this.#extension = undefined;
    this.#state = "header";
  }

  #announce(stored: StoredEntry, block: Bytes): void {
    const { entry, sparse } = stored;
    this.#entries++;
    this.#bytes += stored.storedSize;
    this.#apparentBytes += entry.size;
    if (this.#entries > this.#limits.entries) {
      throw invalid(`${entry.name} is one of more than ${this.#limits.entries} entries`);
    }
    if (this.#bytes > this.#limits.bytes) {
      throw new TooLarge(`${entry.name} is too large: the files exceed ${this.#limits.bytes} bytes with it`);
    }
    if (this.#apparentBytes > this.#limits.apparentBytes) {
      throw invalid(`${entry.name} is too large: the files exceed ${this.#limits.apparentBytes} bytes with holes`);
    }
    this.#stored = stored;
    this.#lastName = entry.name;
    this.#remaining = stored.storedSize;
    this.#padding = paddingOf(stored.storedSize);
    this.#pairs = [];
    if (sparse === "in header") {
      addOldPairs(block, 386, 4, this.#pairs);
      if (block[482] !== 0) this.#state = "old sparse";
      else this.#begin(this.#pairs);
    } else if (sparse === "before data") {
      this.#leadingMap = new LeadingMap();
      this.#state = "sparse map";
    } else this.#begin(sparse ?? [0, entry.size]);
  }

  #oldSparse(block: Bytes): void {
    addOldPairs(block, 0, 21, this.#pairs);
    if (block[504] === 0) this.#begin(this.#pairs);
  }

  #sparseMap(block: Bytes): void {
    this.#remaining -= BLOCK;
    if (this.#remaining < 0) throw invalid("the sparse map is longer than the entry");
    if (this.#leadingMap.push(block)) this.#begin(this.#leadingMap.pairs);
  }

  #begin(pairs: readonly number[]): void {
    const entry = this.#stored?.entry;
    if (entry === undefined) return;
    this.#extents = extents(pairs, entry.size);
    const total = this.#extents.reduce((sum, { length }) => sum + length, 0);
    if (total !== this.#remaining) throw invalid(`the sparse map has ${total} of ${this.#remaining} bytes of data`);
    this.#ready = true;
  }

  #enter(): void {
    if (this.#stored === undefined) return;
    this.#ready = false;
    [this.#extent, this.#inExtent] = [0, 0];
    this.#sink.entry(this.#stored.entry);
    if (this.#remaining > 0) this.#state = "data";
    else this.#dataDone();
  }

  #takeData(chunk: Bytes, at: number): number {
    const extent = this.#extents[this.#extent];
    if (extent === undefined) throw invalid(`${this.#lastName} has more data than its sparse map`);
    const taken = Math.min(extent.length - this.#inExtent, chunk.length - at);
    this.#sink.data(chunk.subarray(at, at + taken), extent.offset + this.#inExtent);
    this.#inExtent += taken;
    this.#remaining -= taken;
    if (this.#inExtent === extent.length) [this.#extent, this.#inExtent] = [this.#extent + 1, 0];
    if (this.#remaining === 0) this.#dataDone();
    return taken;
  }

  #dataDone(): void {
    this.#sink.end();
    this.#stored = undefined;
    this.#state = this.#padding > 0 ? "padding" : "header";
  }

  #takePadding(chunk: Bytes, at: number): number {
    const taken = Math.min(this.#padding, chunk.length - at);
    this.#sink.raw?.(chunk.subarray(at, at + taken));
    this.#padding -= taken;
    if (this.#padding === 0) this.#state = "header";
    return taken;
  }

  #takeTrailer(bytes: Bytes): number {
    if (!isZero(bytes)) this.#rubbish += bytes.length;
    if (this.#rubbish > MAXIMUM_RUBBISH) throw invalid("the tar archive goes on after its end");
    this.#sink.raw?.(bytes);
    return bytes.length;
  }
}

/** Of what is no header at all, even the checksum is no number. */
function looksRight(block: Bytes): boolean {
  try {
    return checksumFits(block);
  } catch {
    return false;
  }
}
