/** The keys by which a user leaves a terminal without ending what runs there: `ctrl-p,ctrl-q`. */
import type { Bytes } from "../../base/container_engine.ts";
import { invalid } from "../../base/errors.ts";

/** `ctrl-@` is 0, `ctrl-a` 1, … `ctrl-_` 31. */
const CONTROL = "@abcdefghijklmnopqrstuvwxyz[\\]^_";

/**
 * The bytes of a key sequence: keys divided by commas, each a character, `ctrl-` with one, or `DEL`.
 * @throws `invalid` in Docker's words.
 */
export function parseDetachKeys(text: string): Bytes {
  const bytes = text.split(",").map((key) => {
    if (key.length === 1 && key.charCodeAt(0) < 0x80) return key.charCodeAt(0);
    if (key === "DEL") return 127;
    const control = key.length === 6 && key.startsWith("ctrl-") ? CONTROL.indexOf(key.charAt(5)) : -1;
    if (control < 0) {
      throw invalid(`Invalid detach keys (${text}) provided`, { cause: invalid(`Unknown character: '${key}'`) });
    }
    return control;
  });
  return new Uint8Array(bytes);
}

/** Looks for the sequence in what a user types. */
export class DetachKeys {
  readonly #keys: Bytes;
  /** How many bytes of the sequence have come and are held back. */
  #matched = 0;

  constructor(keys: Bytes) {
    this.#keys = keys;
  }

  /**
   * What of the input, and of what was held back before, goes on to the process. Once the sequence is complete nothing
   * more does, and `complete` is true.
   */
  feed(data: Bytes): { pass: Bytes; complete: boolean } {
    const keys = this.#keys;
    if (keys.length === 0) return { pass: data, complete: false };
    const pass: number[] = [];
    for (const byte of data) {
      // A byte that breaks the sequence may begin it anew, or go on from a later part of what is held.
      while (this.#matched > 0 && keys[this.#matched] !== byte) {
        const shorter = this.#border(this.#matched);
        pass.push(...keys.subarray(0, this.#matched - shorter));
        this.#matched = shorter;
      }
      if (keys[this.#matched] !== byte) pass.push(byte);
      else if (++this.#matched === keys.length) {
        this.#matched = 0;
        return { pass: new Uint8Array(pass), complete: true };
      }
    }
    return { pass: new Uint8Array(pass), complete: false };
  }

  /** The length of the longest true beginning of the sequence with which its first `length` bytes end. */
  #border(length: number): number {
    for (let shorter = length - 1; shorter > 0; shorter--) {
      if (this.#keys.subarray(0, shorter).every((key, i) => key === this.#keys[length - shorter + i])) return shorter;
    }
    return 0;
  }
}
