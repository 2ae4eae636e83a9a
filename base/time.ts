/** Durations and moments as Docker's clients write them: `1h30m`, `2024-01-02T15:04:05Z`, `1700000000.5`. */
import { invalid } from "./errors.ts";

const nanosecondsPerSecond = 1_000_000_000n;

const unitNanoseconds: Readonly<Record<string, number>> = {
  "ns": 1,
  "us": 1e3,
  "µs": 1e3, // U+00B5, the micro sign
  "μs": 1e3, // U+03BC, the Greek letter
  "ms": 1e6,
  "s": 1e9,
  "m": 60e9,
  "h": 3600e9,
};

/**
 * Nanoseconds of a Go duration: a sign, then numbers with units (`1h30m`, `500ms`, `-1.5s`), or `0`.
 * @throws `invalid` in Go's words.
 */
export function parseDuration(text: string): bigint {
  const [, sign = "", body = ""] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  if (body === "0") return 0n;
  if (body === "") throw invalid(`time: invalid duration ${JSON.stringify(text)}`);
  let total = 0n;
  for (let rest = body; rest !== "";) {
    const [all, whole = "", fraction = "", unit = ""] = /^(\d*)(?:\.(\d*))?([^\d.]*)/.exec(rest) ?? [""];
    if (whole === "" && fraction === "") throw invalid(`time: invalid duration ${JSON.stringify(text)}`);
    if (unit === "") throw invalid(`time: missing unit in duration ${JSON.stringify(text)}`);
    const scale = unitNanoseconds[unit];
    if (scale === undefined) {
      throw invalid(`time: unknown unit ${JSON.stringify(unit)} in duration ${JSON.stringify(text)}`);
    }
    total += BigInt(whole || 0) * BigInt(scale) + BigInt(Math.trunc(Number(`0.${fraction || 0}`) * scale));
    rest = rest.slice(all.length);
  }
  return sign === "-" ? -total : total;
}

/**
 * Nanoseconds since 1970 of what `--since` and `--until` take: a duration before `now`, a date or time in RFC 3339
 * (local time without a zone), or seconds since 1970 with a fraction.
 * @throws `invalid` in Docker's words.
 */
export function parseTimestamp(text: string, now: bigint): bigint {
  if (/^[+-]?[\d.]+[a-zµμ]|^[+-]0$/.test(text)) return now - parseDuration(text);
  if (text.includes("-") && !text.startsWith("-")) return parseRfc3339(text);
  try {
    return parseUnixTimestamp(text);
  } catch (error) {
    throw invalid(`failed to parse value as time or duration: ${JSON.stringify(text)}`, { cause: error });
  }
}

/**
 * Nanoseconds of `seconds[.fraction]` since 1970: how times stand in the queries of the API.
 * @throws `invalid` for anything else.
 */
export function parseUnixTimestamp(text: string): bigint {
  const [, seconds, fraction = ""] = /^(-?\d+)(?:\.(\d*))?$/.exec(text) ?? [];
  if (seconds === undefined) throw invalid(`invalid timestamp ${JSON.stringify(text)}`);
  return BigInt(seconds) * nanosecondsPerSecond + BigInt(fraction.padEnd(9, "0").slice(0, 9));
}

/** `seconds.nanoseconds` since 1970, as the API's queries have it. */
export function formatUnixTimestamp(nanoseconds: bigint): string {
  return `${nanoseconds / nanosecondsPerSecond}.${String(nanoseconds % nanosecondsPerSecond).padStart(9, "0")}`;
}

const dateForm = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d)(?::(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?)?(Z|z|[+-]\d\d:\d\d)?$/;

/**
 * Nanoseconds since 1970, negative before, of a date or moment: RFC 3339 with up to nine digits of fraction, as the engine
 * writes it; from users also without the parts at the end, and in local time without a zone.
 * @throws `invalid` in Docker's words.
 */
export function parseRfc3339(text: string): bigint {
  const match = dateForm.exec(text);
  if (match === null) throw invalid(`failed to parse value as time or duration: ${JSON.stringify(text)}`);
  const [, year = "", month = "", day = "", hour = "00", minute = "00", seconds = "00", fraction = "", zone] = match;
  const local = `${year}-${month}-${day}T${hour}:${minute}:${seconds}`;
  const milliseconds = Date.parse(zone === undefined ? local : `${local}${zone.toUpperCase()}`);
  if (Number.isNaN(milliseconds)) throw invalid(`parsing time ${JSON.stringify(text)}: out of range`);
  return BigInt(milliseconds) * 1_000_000n + BigInt(fraction.padEnd(9, "0"));
}
