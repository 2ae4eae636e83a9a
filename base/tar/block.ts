/**
 * The 512-byte header block of a tar: fields at fixed places (POSIX pax(1), "ustar Interchange Format"; GNU tar manual,
 * "Basic Tar Format").
 */
import { invalid } from "../errors.ts";
import { decodeName } from "../file_name.ts";

export const BLOCK = 512;

/** Where each field lies: offset, length. */
export const FIELD = {
  name: [0, 100],
  mode: [100, 8],
  uid: [108, 8],
  gid: [116, 8],
  size: [124, 12],
  mtime: [136, 12],
  checksum: [148, 8],
  type: [156, 1],
  linkName: [157, 100],
  magic: [257, 8],
  major: [329, 8],
  minor: [337, 8],
  prefix: [345, 155],
} as const;
export type Field = readonly [offset: number, length: number];

/** How many bytes fill up the last block of `size` bytes. */
export function paddingOf(size: number): number {
  return (BLOCK - size % BLOCK) % BLOCK;
}

/** A text field: up to the first NUL, or all of it. */
export function textField(block: Uint8Array, [offset, length]: Field): string {
  let end = offset;
  while (end < offset + length && block[end] !== 0) end++;
  return end === offset ? "" : decodeName(block.subarray(offset, end));
}

/** Whether the magic is POSIX's; GNU's is "ustar  ". */
export function isUstar(block: Uint8Array): boolean {
  const [offset] = FIELD.magic;
  return USTAR.every((byte, i) => block[offset + i] === byte);
}

const USTAR = [0x75, 0x73, 0x74, 0x61, 0x72, 0];

/**
 * A number field: octal digits between blanks, or base 256 when the first bit is set (GNU, star). Empty counts as 0.
 * @throws invalid when it is neither, or beyond what a double holds exactly
 */
export function numberField(block: Uint8Array, [offset, length]: Field): number {
  const first = block[offset] ?? 0;
  if ((first & 0x80) !== 0) return base256(block.subarray(offset, offset + length));
  return plainOctal(block, offset, offset + length) ?? octal(block, offset, length);
}

/** As every tool of today writes it: digits that a NUL or a blank ends; undefined if it is anything else. */
function plainOctal(block: Uint8Array, offset: number, end: number): number | undefined {
  let value = 0;
  for (let at = offset; at < end; at++) {
    const byte = block[at] ?? 0;
    if (byte >= 0x30 && byte <= 0x37) value = value * 8 + (byte - 0x30);
    else return at > offset && (byte === 0 || (byte === 0x20 && (block[at + 1] ?? 0) === 0)) ? value : undefined;
  }
  return value;
}

function octal(block: Uint8Array, offset: number, length: number): number {
  const digits = new TextDecoder().decode(block.subarray(offset, offset + length)).replace(/\0.*$/s, "").trim();
  if (digits === "") return 0;
  if (!/^[0-7]+$/.test(digits)) throw invalid(`${JSON.stringify(digits)} is not an octal number`);
  return exact(BigInt(`0o${digits}`));
}

function base256(field: Uint8Array): number {
  let value = BigInt((field[0] ?? 0) & 0x7f);
  for (const byte of field.subarray(1)) value = value << 8n | BigInt(byte);
  // Two's complement: the bit after the marker is the sign.
  if (((field[0] ?? 0) & 0x40) !== 0) value -= 1n << BigInt(field.length * 8 - 1);
  return exact(value);
}

function exact(value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw invalid(`the number ${value} is out of range`);
  return number;
}

/** Sum of all bytes with the checksum's own field as blanks, bytes taken as unsigned. */
export function checksum(block: Uint8Array): number {
  const [from, length] = FIELD.checksum;
  let sum = 0;
  for (let i = 0; i < BLOCK; i++) sum += block[i] ?? 0;
  for (let i = from; i < from + length; i++) sum += 0x20 - (block[i] ?? 0);
  return sum;
}

/** The same with signed bytes, as old Sun and SCO tars have it. */
function signedChecksum(block: Uint8Array): number {
  return checksum(block) - 256 * block.filter((byte, i) => byte > 127 && (i < 148 || i >= 156)).length;
}

export function checksumFits(block: Uint8Array): boolean {
  const stored = numberField(block, FIELD.checksum);
  return stored === checksum(block) || stored === signedChecksum(block);
}

export function isZero(bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i++) if (bytes[i] !== 0) return false;
  return true;
}
