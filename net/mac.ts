/** Hardware addresses of containers. */
import { invalid } from "../base/errors.ts";
import { parseAddress } from "./ipam/address.ts";

/**
 * The hardware address that Docker gives to an address of IPv4: `02:42` and its four bytes. It is unique where the
 * address is, and the same when the address comes back, so neighbours' ARP entries stay right. IPv6 gets a random one.
 */
export function macOf(ip: string): string {
  const address = parseAddress(ip);
  if (address === undefined) throw invalid(`invalid IP address: ${ip}`);
  if (address.version === 6) return randomMac();
  return `02:42:${address.value.toString(16).padStart(8, "0").replace(/..(?!$)/g, "$&:")}`;
}

/** One that nobody has: for a single machine, administered by nobody but us (IEEE 802, the two lowest bits). */
export function randomMac(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(6));
  bytes[0] = ((bytes[0] ?? 0) & 0xfe) | 0x02;
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(":");
}

/**
 * A hardware address in its one form, `02:42:ac:11:00:02`, from that form, from `02-42-…` or from `0242.ac11.0002`. The
 * kernel refuses a group's address and zero for an interface (is_valid_ether_addr), so they are refused here.
 * @throws `invalid` with Docker's sentence
 */
export function parseMac(text: string): string {
  const lower = text.toLowerCase();
  const digits = FORMS.test(lower) ? lower.replace(/[:.-]/g, "") : "";
  if (digits === "" || GROUP.test(digits) || /^0+$/.test(digits)) throw invalid(`${text} is not a valid mac address`);
  return digits.replace(/..(?!$)/g, "$&:");
}

const FORMS = /^[\da-f]{2}(?:(:[\da-f]{2}){5}|(-[\da-f]{2}){5})$|^[\da-f]{4}(\.[\da-f]{4}){2}$/;
/** The lowest bit of the first byte. */
const GROUP = /^.[13579bdf]/;
