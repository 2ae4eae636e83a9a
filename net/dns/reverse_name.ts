import ipaddr from "ipaddr.js";

const V4 = /^(\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})\.in-addr\.arpa$/;
const V6 = /^((?:[0-9a-f]\.){32})ip6\.arpa$/;

/**
 * The address that a name for reverse lookups stands for (RFC 1035 section 3.5, RFC 3596 section 2.5):
 * `2.0.18.172.in-addr.arpa` is 172.18.0.2. Undefined for any other name. Addresses of version 6 are in their short form.
 */
export function addressOfReverseName(name: string): string | undefined {
  const v4 = V4.exec(name)?.[1];
  if (v4 !== undefined) {
    const ip = v4.split(".").reverse().join(".");
    return ipaddr.IPv4.isValidFourPartDecimal(ip) ? ip : undefined;
  }
  const v6 = V6.exec(name)?.[1];
  if (v6 === undefined) return undefined;
  const digits = v6.replaceAll(".", "").split("").reverse().join("");
  return ipaddr.parse(digits.replace(/(.{4})(?=.)/g, "$1:")).toString();
}
