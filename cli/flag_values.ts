/** Reads single values of flags as docker does; each function throws `invalid` with the sentence of Go's parser. */
import { invalid } from "../base/errors.ts";

/** Go's `strconv.ParseInt` with base 0: decimal, `0x`, `0o` (or a leading 0), `0b`. */
export function parseInteger(text: string): number {
  const [, sign = "", digits = ""] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  const value = Number(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits);
  if (!/^(\d+|0[xX][\da-fA-F]+|0[oO][0-7]+|0[bB][01]+)$/.test(digits) || !Number.isInteger(value)) {
    throw invalid(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  }
  if (value > 2 ** 63) throw invalid(`strconv.ParseInt: parsing ${JSON.stringify(text)}: value out of range`);
  return sign === "-" && value !== 0 ? -value : value;
}

/** Go's `strconv.ParseUint` for 16 bits. */
export function parseUint16(text: string): number {
  const fail = (why: string) => invalid(`strconv.ParseUint: parsing ${JSON.stringify(text)}: ${why}`);
  if (!/^\d+$/.test(text)) throw fail("invalid syntax");
  if (Number(text) > 0xffff) throw fail("value out of range");
  return Number(text);
}

export function parseFloat64(text: string): number {
  if (!/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)) {
    throw invalid(`strconv.ParseFloat: parsing ${JSON.stringify(text)}: invalid syntax`);
  }
  return Number(text);
}

/** A number of CPUs, in units of 10^-9 CPU: `1.5`, `1/2`. */
export function parseCpus(text: string): number {
  const [, number, divisor] = /^(\d+\.?\d*|\.\d+)(?:\/([1-9]\d*))?$/.exec(text) ?? [];
  if (number === undefined) throw invalid(`failed to parse ${text} as a rational number`);
  const nano = Number(number) * 1e9 / Number(divisor ?? 1);
  if (Math.abs(nano - Math.round(nano)) > 1e-3) throw invalid("value is too precise");
  return Math.round(nano);
}
