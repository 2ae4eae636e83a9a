import type { Bytes } from "../base/container_engine.ts";
import { invalid } from "../base/errors.ts";

const FRAME = 0xfd2fb528;
const SKIPPABLE = 0x184d2a50;

/**
 * Cuts a zstd stream at the ends of its frames and leaves out skippable ones (RFC 8878, section 3.1). Deno's
 * decompressor forgets what stands behind a frame in the same chunk, and takes a cut frame for a whole one; tools that
 * compress in parallel or for random access write many frames.
 */
export class ZstdFrames {
  #state: "magic" | "descriptor" | "block" | "skip size" | "pass" | "skip" = "magic";
  /** Bytes of a header that is not complete yet. */
  readonly #head = new Uint8Array(8);
  #filled = 0;
  #needed = 4;
  /** Bytes to pass on or to skip before the next header. */
  #left = 0;
  #after: "block" | "magic" = "magic";
  #checksum = 0;

  /** The parts of `chunk` to decompress; no part reaches over the end of a frame. */
  *split(chunk: Bytes): Generator<Bytes> {
    let from = 0;
    for (let at = 0; at < chunk.length;) {
      const counting = this.#state === "pass" || this.#state === "skip";
      const skipping = this.#state === "skip";
      const taken = counting ? this.#count(chunk.length - at) : this.#gather(chunk.subarray(at));
      if (this.#state === "skip size" || skipping) from = at + taken; // nothing of a skippable frame goes on
      at += taken;
      if (this.#atFrameEnd() && from < at) {
        yield chunk.subarray(from, at);
        from = at;
      }
    }
    if (from < chunk.length) yield chunk.subarray(from);
  }

  /** There are no more bytes. @throws invalid when a frame is not complete */
  finish(): void {
    if (!this.#atFrameEnd()) throw invalid("the zstd stream is truncated");
  }

  #atFrameEnd(): boolean {
    return this.#state === "magic" && this.#filled === 0;
  }

  #count(available: number): number {
    const taken = Math.min(this.#left, available);
    this.#left -= taken;
    if (this.#left === 0) this.#expect(this.#after, this.#after === "block" ? 3 : 4);
    return taken;
  }

  #expect(state: "magic" | "descriptor" | "block" | "skip size", bytes: number): void {
    [this.#state, this.#needed, this.#filled] = [state, bytes, 0];
  }

  #gather(bytes: Bytes): number {
    const taken = Math.min(this.#needed - this.#filled, bytes.length);
    this.#head.set(bytes.subarray(0, taken), this.#filled);
    this.#filled += taken;
    if (this.#filled === this.#needed) this.#header();
    return taken;
  }

  #header(): void {
    const view = new DataView(this.#head.buffer);
    if (this.#state === "magic") {
      const magic = view.getUint32(0, true);
      if (magic === FRAME) return this.#expect("descriptor", 1);
      if (((magic & ~0xf) >>> 0) === SKIPPABLE) return this.#expect("skip size", 4);
      throw invalid("bytes that are no zstd frame follow a zstd frame");
    }
    if (this.#state === "descriptor") return this.#descriptor(view.getUint8(0));
    if (this.#state === "skip size") return this.#run("skip", view.getUint32(0, true), "magic");
    this.#block(view.getUint16(0, true) | view.getUint8(2) << 16);
  }

  #descriptor(flags: number): void {
    const singleSegment = (flags & 0x20) !== 0;
    const sizeBytes = [singleSegment ? 1 : 0, 2, 4, 8][flags >> 6] ?? 0;
    const dictionaryBytes = [0, 1, 2, 4][flags & 3] ?? 0;
    this.#checksum = (flags & 4) !== 0 ? 4 : 0;
    this.#run("pass", (singleSegment ? 0 : 1) + dictionaryBytes + sizeBytes, "block");
  }

  #block(header: number): void {
    const [last, type, size] = [(header & 1) !== 0, header >> 1 & 3, header >> 3];
    if (type === 3) throw invalid("a zstd block has a reserved type");
    const content = type === 1 ? 1 : size; // a run-length block holds one byte, whatever its size says
    this.#run("pass", content + (last ? this.#checksum : 0), last ? "magic" : "block");
  }

  #run(state: "pass" | "skip", bytes: number, after: "block" | "magic"): void {
    [this.#state, this.#left, this.#after, this.#filled] = [state, bytes, after, 0];
    if (bytes === 0) this.#expect(after, after === "block" ? 3 : 4);
  }
}
