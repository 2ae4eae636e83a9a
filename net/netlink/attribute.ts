/**
 * Attributes of netlink messages: `struct nlattr` is length (its four bytes included) and type, sixteen bits each,
 * then the value, filled up to four bytes. A value may be attributes again, sometimes with a struct before them.
 */
import { internal } from "../../base/errors.ts";

export type Attribute =
  | { readonly type: number; readonly value: Uint8Array }
  | { readonly type: number; readonly header?: Uint8Array; readonly children: readonly Attribute[] };

const HEADER = 4;
/** The upper two bits of a type: it is nested, it is in network byte order (linux/netlink.h). */
const TYPE_MASK = 0x3fff;
export const NLA_F_NESTED = 0x8000;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function align(size: number): number {
  return (size + 3) & ~3;
}

export function u8(type: number, value: number): Attribute {
  return { type, value: Uint8Array.of(value) };
}

export function u16(type: number, value: number): Attribute {
  return { type, value: new Uint8Array(Uint16Array.of(value).buffer) };
}

export function u32(type: number, value: number): Attribute {
  return { type, value: new Uint8Array(Uint32Array.of(value).buffer) };
}

/** A string with the final NUL that the kernel's names have. */
export function text(type: number, value: string): Attribute {
  return { type, value: encoder.encode(`${value}\0`) };
}

/** A string without it, where `ip` sends none either. */
export function word(type: number, value: string): Attribute {
  return { type, value: encoder.encode(value) };
}

export function nested(type: number, children: readonly Attribute[], header?: Uint8Array): Attribute {
  return { type, children, ...header && { header } };
}

/** Bytes that `attributes` take, the filling of the last one included. */
export function sizeOf(attributes: readonly Attribute[]): number {
  return attributes.reduce((size, attribute) => size + align(lengthOf(attribute)), 0);
}

function lengthOf(attribute: Attribute): number {
  if ("value" in attribute) return HEADER + attribute.value.length;
  return HEADER + align(attribute.header?.length ?? 0) + sizeOf(attribute.children);
}

/** Writes `attributes` into `target` from `offset` on; returns where they end. */
export function writeAttributes(
  target: DataView<ArrayBuffer>,
  offset: number,
  attributes: readonly Attribute[],
): number {
  const bytes = new Uint8Array(target.buffer, target.byteOffset, target.byteLength);
  let at = offset;
  for (const attribute of attributes) {
    const length = lengthOf(attribute);
    // Whoever lets a length wrap around turns a long value into attributes of its author's choice (CVE-2021-43784).
    if (length > 0xffff) throw internal(`netlink attribute ${attribute.type} is ${length} bytes long, 65535 fit`);
    target.setUint16(at, length, true);
    target.setUint16(at + 2, attribute.type, true);
    if ("value" in attribute) {
      bytes.set(attribute.value, at + HEADER);
    } else {
      if (attribute.header) bytes.set(attribute.header, at + HEADER);
      writeAttributes(target, at + HEADER + align(attribute.header?.length ?? 0), attribute.children);
    }
    at += align(length);
  }
  return at;
}

/** The attributes that `bytes` consist of, in order: type without its flags, and value. */
export function* attributesIn(bytes: Uint8Array): Generator<[type: number, value: Uint8Array]> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + HEADER <= bytes.length;) {
    const length = view.getUint16(at, true);
    if (length < HEADER || at + length > bytes.length) {
      throw internal(`netlink attribute of ${length} bytes where ${bytes.length - at} are left`);
    }
    yield [view.getUint16(at + 2, true) & TYPE_MASK, bytes.subarray(at + HEADER, at + length)];
    at += align(length);
  }
}

/** Attributes that were received, by type; the last of several of one type counts. */
export class Attributes {
  readonly #values: ReadonlyMap<number, Uint8Array>;

  constructor(bytes: Uint8Array) {
    this.#values = new Map(attributesIn(bytes));
  }

  bytes(type: number): Uint8Array | undefined {
    return this.#values.get(type);
  }

  u32(type: number): number | undefined {
    const value = this.#values.get(type);
    if (value === undefined || value.length < 4) return undefined;
    return new DataView(value.buffer, value.byteOffset).getUint32(0, true);
  }

  text(type: number): string | undefined {
    const value = this.#values.get(type);
    return value && textOf(value);
  }

  nested(type: number): Attributes | undefined {
    const value = this.#values.get(type);
    return value && new Attributes(value);
  }
}

/** A string of the kernel, up to its NUL if it has one. */
export function textOf(value: Uint8Array): string {
  const end = value.indexOf(0);
  return decoder.decode(end < 0 ? value : value.subarray(0, end));
}
