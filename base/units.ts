/**
 * Sizes and durations as Docker writes and reads them (docker/go-units): `1.23MB` is decimal, `1.5GiB` is binary, and
 * `-m 64m` means binary although it looks decimal.
 */
import { invalid } from "./errors.ts";

const decimalUnits = ["B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"];
const binaryUnits = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"];

/** A number of bytes in powers of 1000 with so many significant digits: `1.234MB`. */
export function humanSize(bytes: number, precision = 4): string {
  return scaled(bytes, 1000, decimalUnits, precision);
}

/** A number of bytes in powers of 1024 with four significant digits: `1.5GiB`. */
export function bytesSize(bytes: number): string {
  return scaled(bytes, 1024, binaryUnits, 4);
}

/** A size in bytes, where `k`, `kb` and `kib` all mean 1024: what `-m`, `--shm-size` and their like take. */
export function parseBinarySize(text: string): number {
  return parseSize(text, 1024);
}

/** A size in bytes, where `k`, `kb` and `kib` all mean 1000: what `--log-opt max-size` and its like take. */
export function parseDecimalSize(text: string): number {
  return parseSize(text, 1000);
}

/** A number as Go's `%.*g` has it: so many significant digits, no zeros at the end, an exponent when it is large. */
export function significant(value: number, precision: number): string {
  if (value === 0 || !Number.isFinite(value)) return value === 0 ? "0" : goInfinity(value);
  const [digits = "", exponent = "0"] = halfToEven(value, precision).toExponential(precision - 1).split("e");
  const power = Number(exponent);
  if (power >= -4 && power < precision) {
    return withoutZeros(halfToEven(value, precision).toFixed(precision - 1 - power));
  }
  const sign = power < 0 ? "-" : "+";
  return `${withoutZeros(digits)}e${sign}${String(Math.abs(power)).padStart(2, "0")}`;
}

/** A number of things: `1 layer`, `2 layers`. */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

/** About how long: `Less than a second`, `5 seconds`, `About an hour`, `3 weeks`. */
export function humanDuration(seconds: number): string {
  const whole = Math.trunc(seconds);
  if (whole < 1) return "Less than a second";
  if (whole === 1) return "1 second";
  if (whole < 60) return `${whole} seconds`;
  const minutes = Math.trunc(seconds / 60);
  if (minutes === 1) return "About a minute";
  if (minutes < 60) return `${minutes} minutes`;
  const hours = Math.trunc(seconds / 3600 + 0.5);
  if (hours === 1) return "About an hour";
  if (hours < 48) return `${hours} hours`;
  if (hours < 24 * 7 * 2) return `${Math.trunc(hours / 24)} days`;
  if (hours < 24 * 30 * 2) return `${Math.trunc(hours / 24 / 7)} weeks`;
  if (hours < 24 * 365 * 2) return `${Math.trunc(hours / 24 / 30)} months`;
  return `${Math.trunc(Math.trunc(seconds / 3600) / 24 / 365)} years`;
}

function scaled(bytes: number, base: number, units: readonly string[], precision: number): string {
  let size = bytes;
  let unit = 0;
  while (size >= base && unit < units.length - 1) {
    size /= base;
    unit++;
  }
  return `${significant(size, precision)}${units[unit]}`;
}

/** JavaScript rounds what lies in the middle up, Go to the even digit: 12.125 with four digits is 12.12. */
function halfToEven(value: number, precision: number): number {
  const [mantissa = "", exponent = ""] = value.toExponential(60).split("e");
  const end = mantissa.indexOf(".") + precision;
  const isEven = /[02468]\.?$/.test(mantissa.slice(0, end));
  return isEven && /^50*$/.test(mantissa.slice(end)) ? Number(`${mantissa.slice(0, end)}e${exponent}`) : value;
}

function withoutZeros(digits: string): string {
  return digits.includes(".") ? digits.replace(/\.?0+$/, "") : digits;
}

function goInfinity(value: number): string {
  return Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
}

function parseSize(text: string, base: number): number {
  const space = text.indexOf(" ");
  const end = space >= 0 ? space : text.search(/[0-9.][^0-9.]*$/) + 1;
  if (space < 0 && end === 0) throw invalid(`invalid size: '${text}'`);
  const number = text.slice(0, end);
  const suffix = text.slice(space >= 0 ? space + 1 : end).toLowerCase();
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(number)) {
    throw invalid(`strconv.ParseFloat: parsing ${JSON.stringify(number)}: invalid syntax`);
  }
  const value = Number(number);
  if (value < 0) throw invalid(`invalid size: '${text}'`);
  const match = /^(?:b|([kmgtp])(?:i?b)?)?$/.exec(suffix);
  if (match === null) throw invalid(`invalid suffix: '${suffix}'`);
  const power = match[1] === undefined ? 0 : "kmgtp".indexOf(match[1]) + 1;
  return Math.trunc(value * base ** power);
}
