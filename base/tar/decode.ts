/** From header blocks to entries: ustar, GNU and PAX in one place, since archives mix them. */
import type { Bytes } from "../container_engine.ts";
import { describeError, invalid } from "../errors.ts";
import { decodeName } from "../file_name.ts";
import { FIELD, isUstar, numberField, textField } from "./block.ts";
import type { TarEntry, TarEntryType } from "./entry.ts";
import { parsePax, paxNumber, type PaxRecords, paxTime } from "./pax.ts";
import { mapPrecedesData, paxPairs } from "./sparse.ts";

/** What the blocks before a header say about the entry to come. */
export interface Extensions {
  pax?: PaxRecords;
  longName?: string;
  longLink?: string;
}

export interface StoredEntry {
  readonly entry: TarEntry;
  /** Bytes that follow in the archive, without padding. */
  readonly storedSize: number;
  /** Where the map of a sparse file is: these pairs, in the header's own fields, or in the blocks before the data. */
  readonly sparse?: readonly number[] | "in header" | "before data";
}

const TYPES: Readonly<Record<string, TarEntryType>> = {
  "\0": "file",
  "0": "file",
  "1": "hardlink",
  "2": "symlink",
  "3": "character",
  "4": "block",
  "5": "directory",
  "6": "fifo",
  "7": "file", // "contiguous": no file system has had that for decades
  "S": "file",
};

/** Whether blocks of this type tell of another entry instead of being one. */
export function isExtension(type: string): boolean {
  return type === "x" || type === "g" || type === "L" || type === "K";
}

/** Adds the data of an extension to what is known of the entry to come. */
export function takeExtension(extensions: Extensions, type: string, data: Bytes): void {
  const untilNul = () => decodeName(data.subarray(0, data.indexOf(0) < 0 ? data.length : data.indexOf(0)));
  if (type === "x") extensions.pax = parsePax(data);
  else if (type === "L") extensions.longName = untilNul();
  else if (type === "K") extensions.longLink = untilNul();
  // Global headers ("g") are left out as Docker, containerd and umoci do: the same layer must give the same tree.
}

/** @throws invalid when a field is malformed or the type is unknown */
export function decodeEntry(block: Uint8Array, typeFlag: string, extensions: Extensions): StoredEntry {
  const name = nameOf(block, extensions);
  const type = TYPES[typeFlag];
  if (type === undefined) throw invalid(`${name} has the unknown type ${JSON.stringify(typeFlag)}`);
  try {
    return decodeNamed(name, type, block, typeFlag, extensions);
  } catch (error) {
    throw invalid(`${name}: ${describeError(error)}`, { cause: error });
  }
}

/** How many bytes of an extension follow its header. */
export function extensionSize(block: Uint8Array): number {
  return positive("size", block);
}

function decodeNamed(
  name: string,
  type: TarEntryType,
  block: Uint8Array,
  typeFlag: string,
  extensions: Extensions,
): StoredEntry {
  const { pax } = extensions;
  const number = (key: string, field: "uid" | "gid" | "size") => {
    const value = record(pax, key);
    return value === undefined ? positive(field, block) : atLeastZero(key, paxNumber(key, value));
  };
  const isFile = type === "file" && !isOldDirectory(typeFlag, name);
  // Only files have data: the size of a hard link is that of its target (GNU tar) and no bytes follow.
  const storedSize = isFile ? number("size", "size") : 0;
  const mtime = record(pax, "mtime");
  const device = type === "character" || type === "block";
  const sparse = isFile ? sparseOf(typeFlag, pax) : undefined;
  return {
    storedSize,
    ...(sparse !== undefined && { sparse }),
    entry: {
      name,
      type: type === "file" && !isFile ? "directory" : type,
      mode: numberField(block, FIELD.mode) & 0o7777,
      uid: number("uid", "uid"),
      gid: number("gid", "gid"),
      size: sparse === undefined ? storedSize : realSize(block, typeFlag, pax, storedSize),
      modified: mtime ? paxTime("mtime", mtime) : BigInt(numberField(block, FIELD.mtime)) * 1_000_000_000n,
      linkName: linkOf(block, extensions),
      major: device ? positive("major", block) : 0,
      minor: device ? positive("minor", block) : 0,
      xattrs: xattrsOf(pax),
    },
  };
}

/** A record that is there and not empty: an empty one takes the key back to the header's value. */
function record(pax: PaxRecords | undefined, key: string): Bytes | undefined {
  const value = pax?.values.get(key);
  return value?.length ? value : undefined;
}

function atLeastZero(what: string, value: number): number {
  if (value < 0) throw invalid(`${what} is ${value}`);
  return value;
}

function positive(field: keyof typeof FIELD, block: Uint8Array): number {
  return atLeastZero(field, numberField(block, FIELD[field]));
}

function nameOf(block: Uint8Array, { pax, longName }: Extensions): string {
  const path = record(pax, "GNU.sparse.name") ?? record(pax, "path");
  if (path !== undefined) return decodeName(path);
  if (longName !== undefined) return longName;
  const name = textField(block, FIELD.name);
  // With GNU's magic, the bytes from 345 on are times and sparse maps, not a prefix.
  const prefix = isUstar(block) ? textField(block, FIELD.prefix) : "";
  return prefix === "" ? name : `${prefix}/${name}`;
}

function linkOf(block: Uint8Array, { pax, longLink }: Extensions): string {
  const path = record(pax, "linkpath");
  return path !== undefined ? decodeName(path) : longLink ?? textField(block, FIELD.linkName);
}

/** Before ustar had a type for it, a directory was a file whose name ends in a slash. */
function isOldDirectory(typeFlag: string, name: string): boolean {
  return (typeFlag === "0" || typeFlag === "\0") && name.endsWith("/");
}

function sparseOf(typeFlag: string, pax: PaxRecords | undefined): StoredEntry["sparse"] {
  if (typeFlag === "S") return "in header";
  if (pax === undefined) return undefined;
  return mapPrecedesData(pax) ? "before data" : paxPairs(pax);
}

function realSize(block: Uint8Array, typeFlag: string, pax: PaxRecords | undefined, storedSize: number): number {
  if (typeFlag === "S") return atLeastZero("real size", numberField(block, [483, 12]));
  for (const key of ["GNU.sparse.realsize", "GNU.sparse.size"]) {
    const value = record(pax, key);
    if (value !== undefined) return atLeastZero(key, paxNumber(key, value));
  }
  return storedSize;
}

const NONE: ReadonlyMap<string, Bytes> = new Map();

function xattrsOf(pax: PaxRecords | undefined): ReadonlyMap<string, Bytes> {
  if (pax === undefined) return NONE;
  const xattrs = new Map<string, Bytes>();
  for (const [key, value] of pax.values) {
    if (key.startsWith("SCHILY.xattr.")) xattrs.set(key.slice("SCHILY.xattr.".length), value);
  }
  return xattrs;
}
