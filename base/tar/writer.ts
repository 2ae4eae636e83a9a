/** Writes tars that every reader of the last thirty years takes: ustar, with a PAX header where that is too narrow. */
import type { Bytes } from "../container_engine.ts";
import { BLOCK, checksum, FIELD, type Field, paddingOf } from "./block.ts";
import type { TarEntry, TarEntryType } from "./entry.ts";
import { encodePax } from "./pax.ts";

/** What ends an archive: two blocks of zeros. */
export const TAR_END: Bytes = new Uint8Array(2 * BLOCK);

const TYPE_FLAG: Readonly<Record<TarEntryType, string>> = {
  file: "0",
  hardlink: "1",
  symlink: "2",
  character: "3",
  block: "4",
  directory: "5",
  fifo: "6",
};

/** A file with what it holds: exactly `entry.size` bytes. */
export interface TarFile {
  readonly entry: TarEntry;
  readonly content?: AsyncIterable<Bytes> | Iterable<Bytes>;
  /** Lets go of what the content needs, whether anybody has read it or not. */
  readonly dispose?: () => void;
}

/** The archive, piece by piece; sparse files are written out in full. */
export async function* writeTar(files: AsyncIterable<TarFile> | Iterable<TarFile>): AsyncGenerator<Bytes> {
  for await (const { entry, content = [], dispose = () => {} } of files) {
    using after = new DisposableStack(); // whoever reads may leave between the header and the content
    after.defer(dispose);
    yield tarHeader(entry);
    yield* content;
    const padding = paddingOf(entry.size);
    if (padding > 0) yield new Uint8Array(padding);
  }
  yield TAR_END;
}

/** The header of an entry: one block, or a PAX header and one block. */
export function tarHeader(entry: TarEntry): Bytes {
  const records = new Map<string, string | Uint8Array>();
  const block = new Uint8Array(BLOCK);
  const name = entry.type === "directory" && !entry.name.endsWith("/") ? `${entry.name}/` : entry.name;
  putName(block, name, records);
  if (!putText(block, FIELD.linkName, entry.linkName)) records.set("linkpath", entry.linkName);
  const seconds = floorSeconds(entry.modified);
  if (entry.modified !== seconds * 1_000_000_000n || seconds < 0n) records.set("mtime", decimalTime(entry.modified));
  for (const key of ["uid", "gid", "size"] as const) {
    if (!putNumber(block, FIELD[key], entry[key])) records.set(key, String(entry[key]));
  }
  if (!putNumber(block, FIELD.mtime, Number(seconds < 0n ? 0n : seconds))) {
    records.set("mtime", decimalTime(entry.modified));
  }
  putNumber(block, FIELD.mode, entry.mode);
  putNumber(block, FIELD.major, entry.major);
  putNumber(block, FIELD.minor, entry.minor);
  for (const [key, value] of entry.xattrs) records.set(`SCHILY.xattr.${key}`, value);
  finish(block, TYPE_FLAG[entry.type]);
  return records.size === 0 ? block : join([paxHeader(name, records), block]);
}

function paxHeader(name: string, records: ReadonlyMap<string, string | Uint8Array>): Bytes {
  const data = encodePax(records);
  const block = new Uint8Array(BLOCK);
  // The name only shows where a reader does not know PAX.
  putText(block, FIELD.name, `PaxHeaders/${name.slice(-40).replaceAll(/[^\x21-\x7e]/g, "_")}`);
  for (const key of ["uid", "gid", "mtime", "major", "minor"] as const) putNumber(block, FIELD[key], 0);
  putNumber(block, FIELD.mode, 0o644);
  putNumber(block, FIELD.size, data.length);
  finish(block, "x");
  return join([block, data, new Uint8Array(paddingOf(data.length))]);
}

function finish(block: Bytes, typeFlag: string): void {
  block[FIELD.type[0]] = typeFlag.charCodeAt(0);
  putAscii(block, FIELD.magic[0], "ustar\x0000");
  const digits = checksum(block).toString(8).padStart(6, "0");
  putAscii(block, FIELD.checksum[0], `${digits}\0 `);
}

/** ustar splits a long name at a slash into prefix and name; only ASCII counts as portable there. */
function putName(block: Bytes, name: string, records: Map<string, string | Uint8Array>): void {
  if (putText(block, FIELD.name, name)) return;
  const [, space] = FIELD.prefix;
  for (let slash = name.indexOf("/", 1); slash > 0 && slash <= space; slash = name.indexOf("/", slash + 1)) {
    const rest = name.slice(slash + 1);
    if (rest === "" || !putText(block, FIELD.name, rest)) continue;
    if (putText(block, FIELD.prefix, name.slice(0, slash))) return;
    block.fill(0, FIELD.name[0], FIELD.name[0] + FIELD.name[1]);
  }
  putText(block, FIELD.name, name.replaceAll(/[^\x20-\x7e]/g, "_").slice(-FIELD.name[1]));
  records.set("path", name);
}

/** Puts ASCII text into a field and says whether it had room. */
function putText(block: Bytes, [offset, length]: Field, value: string): boolean {
  // deno-lint-ignore no-control-regex -- NUL is what must not be in a field
  if (value.length > length || /[^\x01-\x7f]/.test(value)) return false;
  block.fill(0, offset, offset + length);
  putAscii(block, offset, value);
  return true;
}

/** Many short texts make a header: to encode each of them took a third of the time of the tar of small files. */
function putAscii(block: Bytes, offset: number, value: string): void {
  for (let i = 0; i < value.length; i++) block[offset + i] = value.charCodeAt(i);
}

/** Puts an octal number into a field and says whether it had room. */
function putNumber(block: Bytes, [offset, length]: Field, value: number): boolean {
  const digits = value.toString(8).padStart(length - 1, "0");
  const fits = digits.length < length;
  putAscii(block, offset, `${fits ? digits : "0".repeat(length - 1)}\0`);
  return fits;
}

function floorSeconds(time: bigint): bigint {
  return time >= 0n ? time / 1_000_000_000n : (time - 999_999_999n) / 1_000_000_000n;
}

function decimalTime(time: bigint): string {
  const [sign, size] = time < 0n ? ["-", -time] : ["", time];
  const fraction = String(size % 1_000_000_000n).padStart(9, "0").replace(/0+$/, "");
  return `${sign}${size / 1_000_000_000n}${fraction && `.${fraction}`}`;
}

function join(parts: readonly Bytes[]): Bytes {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
