/** Maps of sparse files: which parts of a file the archive holds (GNU tar manual, "Storing Sparse Files"). */
import { invalid } from "../errors.ts";
import { decodeName } from "../file_name.ts";
import { BLOCK, numberField } from "./block.ts";
import { paxNumber, type PaxRecords } from "./pax.ts";

/** A part of a file that has data; all between is a hole. */
export interface Extent {
  readonly offset: number;
  readonly length: number;
}

/** More parts than this no honest archive has; each costs memory before any data is seen. */
const MAXIMUM_EXTENTS = 1 << 20;

/** Pairs of offset and length as extents. @throws invalid unless they ascend inside `size` */
export function extents(pairs: readonly number[], size: number): Extent[] {
  if (pairs.length % 2 !== 0) throw invalid("the sparse map has an odd number of values");
  const map: Extent[] = [];
  for (let i = 0, end = 0; i < pairs.length; i += 2) {
    const [offset = 0, length = 0] = [pairs[i], pairs[i + 1]];
    if (offset < end || length < 0 || offset + length > size) throw invalid("the sparse map is out of order");
    if (length > 0) map.push({ offset, length });
    end = offset + length;
  }
  return map;
}

/** Adds the pairs of a GNU sparse header (from byte 386, up to 4) or extension block (from 0, up to 21). */
export function addOldPairs(block: Uint8Array, at: number, count: number, pairs: number[]): void {
  if (pairs.length > 2 * MAXIMUM_EXTENTS) throw invalid("the sparse map is too long");
  for (let i = 0; i < count; i++, at += 24) {
    if (block[at] === 0) return;
    pairs.push(numberField(block, [at, 12]), numberField(block, [at + 12, 12]));
  }
}

/** The pairs that the extended header itself holds: format 0.0 or 0.1; undefined when it holds none. */
export function paxPairs({ values, sparsePairs }: PaxRecords): readonly number[] | undefined {
  const map = values.get("GNU.sparse.map");
  if (map === undefined) return sparsePairs.length > 0 ? sparsePairs : undefined;
  const numbers = decodeName(map);
  return numbers === "" ? [] : numbers.split(",").map((n) => paxNumber("GNU.sparse.map", new TextEncoder().encode(n)));
}

/** Whether the map stands before the file's data (format 1.0). */
export function mapPrecedesData({ values }: PaxRecords): boolean {
  const [major, minor] = [values.get("GNU.sparse.major"), values.get("GNU.sparse.minor")];
  return major !== undefined && minor !== undefined && decodeName(major) === "1" && decodeName(minor) === "0";
}

/** Collects a map of format 1.0: decimal lines, first the count of pairs, in blocks before the data. */
export class LeadingMap {
  #line = "";
  #numbers: number[] = [];

  /** Takes the next block and says whether the map is complete with it. */
  push(block: Uint8Array): boolean {
    const lines = (this.#line + new TextDecoder().decode(block.subarray(0, BLOCK))).split("\n");
    this.#line = lines.pop() ?? "";
    for (const line of lines) {
      if (this.#complete) break;
      this.#numbers.push(paxNumber("the sparse map", new TextEncoder().encode(line)));
      if ((this.#numbers[0] ?? 0) > MAXIMUM_EXTENTS) throw invalid("the sparse map is too long");
    }
    if (this.#line.length > BLOCK && !this.#complete) throw invalid("the sparse map is malformed");
    return this.#complete;
  }

  get #complete(): boolean {
    const [count] = this.#numbers;
    return count !== undefined && this.#numbers.length >= 1 + 2 * count;
  }

  get pairs(): readonly number[] {
    return this.#numbers.slice(1);
  }
}
