/** Addresses as numbers, so that one can count with them; text only at the border. */
import ipaddr from "ipaddr.js";

/** An address of IPv4 (32 bits) or IPv6 (128 bits). */
export interface Address {
  readonly version: 4 | 6;
  readonly value: bigint;
}

/** Bits of an address of each version. */
export const BITS = { 4: 32, 6: 128 } as const;

/**
 * What `text` means, strictly: four decimal parts without leading zeros, or IPv6 without a zone. The C library also
 * takes `127.1`, octal and hexadecimal parts, so one address would have many names. Undefined if it is none.
 */
export function parseAddress(text: string): Address | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) {
    return /(^|\.)0\d/.test(text) ? undefined : { version: 4, value: numberOf(ipaddr.IPv4.parse(text).octets) };
  }
  if (!text.includes(":") || text.includes("%") || !ipaddr.IPv6.isValid(text)) return undefined;
  return { version: 6, value: numberOf(ipaddr.IPv6.parse(text).toByteArray()) };
}

/** The one way to write an address: `172.17.0.2`, `fd00::2` (RFC 5952). */
export function formatAddress({ version, value }: Address): string {
  const bytes = Array.from(
    { length: BITS[version] / 8 },
    (_, index) => Number((value >> BigInt(BITS[version] - 8 * (index + 1))) & 0xffn),
  );
  return ipaddr.fromByteArray(bytes).toString();
}

function numberOf(bytes: readonly number[]): bigint {
  return bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}
