/**
 * Names of files are bytes, mostly UTF-8 but not always: nothing but `/` and NUL is forbidden in them. Bytes that are no
 * UTF-8 stand in our texts as the lone surrogates U+DC80 to U+DCFF, one for each, and become the same bytes again (what
 * Python calls surrogateescape, PEP 383).
 */
import type { Bytes } from "./container_engine.ts";

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** How many bytes a character has that begins with this one; 1 too where none does. */
function lengthOf(first: number): number {
  if (first >= 0xf0) return 4;
  if (first >= 0xe0) return 3;
  return first >= 0xc0 ? 2 : 1;
}

/** A name as text; {@link encodeName} is its reverse. */
export function decodeName(bytes: Uint8Array): string {
  return shortAscii(bytes) ?? decoded(bytes) ?? decodeCharacters(bytes);
}

/** For most names the call to the decoder takes longer than this. */
function shortAscii(bytes: Uint8Array): string | undefined {
  if (bytes.length > 100) return undefined;
  let name = "";
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] ?? 0;
    if (byte > 0x7f) return undefined;
    name += String.fromCharCode(byte);
  }
  return name;
}

function decodeCharacters(bytes: Uint8Array): string {
  let name = "";
  for (let at = 0; at < bytes.length;) {
    const first = bytes[at] ?? 0;
    const character = decoded(bytes.subarray(at, at + lengthOf(first)));
    name += character ?? String.fromCharCode(0xdc00 + first);
    at += character === undefined ? 1 : lengthOf(first);
  }
  return name;
}

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Writes the bytes of a name to the beginning of `target`, which has room for three of each character: how many there are. */
export function encodeNameInto(name: string, target: Bytes): number {
  if (name.isWellFormed()) return encoder.encodeInto(name, target).written;
  const bytes = encodeName(name);
  target.set(bytes);
  return bytes.length;
}

/** The bytes of a name. */
export function encodeName(name: string): Bytes {
  if (name.isWellFormed()) return encoder.encode(name);
  const bytes: number[] = [];
  for (const character of name) {
    const code = character.codePointAt(0) ?? 0;
    if (code >= 0xdc80 && code <= 0xdcff) bytes.push(code - 0xdc00);
    else bytes.push(...encoder.encode(character));
  }
  return new Uint8Array(bytes);
}
