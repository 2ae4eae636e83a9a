/** PAX extended headers: records `LENGTH KEY=VALUE\n`, the length counting itself (POSIX pax(1)). */
import type { Bytes } from "../container_engine.ts";
import { invalid } from "../errors.ts";
import { decodeName, encodeName } from "../file_name.ts";

/** The records of an extended header; of a key given twice the last counts, except that sparse maps collect pairs. */
export interface PaxRecords {
  readonly values: ReadonlyMap<string, Bytes>;
  /** The pairs of `GNU.sparse.offset` and `GNU.sparse.numbytes` (sparse format 0.0) in the order given. */
  readonly sparsePairs: readonly number[];
}

const SPACE = 0x20, EQUALS = 0x3d, NEWLINE = 0x0a;

/** @throws invalid when a record is malformed */
export function parsePax(data: Bytes): PaxRecords {
  const values = new Map<string, Bytes>();
  const sparsePairs: number[] = [];
  for (let at = 0; at < data.length;) {
    const space = data.indexOf(SPACE, at);
    const length = space < 0 || space - at > 10 ? NaN : Number(new TextDecoder().decode(data.subarray(at, space)));
    const end = at + length;
    const equals = data.indexOf(EQUALS, space);
    if (!Number.isInteger(length) || end > data.length || equals < 0 || equals >= end || data[end - 1] !== NEWLINE) {
      throw invalid(`the extended header is malformed at byte ${at}`);
    }
    const key = decodeName(data.subarray(space + 1, equals));
    const value = data.slice(equals + 1, end - 1);
    if (key === "GNU.sparse.offset" || key === "GNU.sparse.numbytes") sparsePairs.push(paxNumber(key, value));
    values.set(key, value);
    at = end;
  }
  return { values, sparsePairs };
}

/** A record's whole number. */
export function paxNumber(key: string, value: Uint8Array): number {
  const digits = decodeName(value);
  const number = Number(digits);
  if (!/^-?\d+$/.test(digits) || !Number.isSafeInteger(number)) throw invalid(`${key} is ${JSON.stringify(digits)}`);
  return number;
}

/** A record's time, seconds with a fraction of any length, in nanoseconds; finer digits are cut. */
export function paxTime(key: string, value: Uint8Array): bigint {
  const match = /^(-?)(\d{1,18})(?:\.(\d*))?$/.exec(decodeName(value));
  if (match === null) throw invalid(`${key} is ${JSON.stringify(decodeName(value))}`);
  const [, sign, seconds = "0", fraction = ""] = match;
  const nanoseconds = BigInt(seconds) * 1_000_000_000n + BigInt(fraction.slice(0, 9).padEnd(9, "0"));
  return sign === "-" ? -nanoseconds : nanoseconds;
}

/** The records as the data of an extended header. */
export function encodePax(records: ReadonlyMap<string, string | Uint8Array>): Bytes {
  const encoder = new TextEncoder();
  const parts: number[][] = [];
  for (const [key, value] of records) {
    const body = [...encoder.encode(` ${key}=`), ...typeof value === "string" ? encodeName(value) : value, NEWLINE];
    let length = body.length + 1;
    while (String(length).length + body.length !== length) length = String(length).length + body.length;
    parts.push([...encoder.encode(String(length)), ...body]);
  }
  return new Uint8Array(parts.flat());
}
