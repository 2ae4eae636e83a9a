/** A set of named bits, as a C header defines them. */
export type BitNames = Readonly<Record<string, number | bigint>>;

/**
 * `MS_NODEV|MS_NOSUID` for a mask: the names of all bits in `names` that are set, and what has no name in hex.
 * Names that stand for several bits must come before those bits.
 */
export function decodeBits(mask: number | bigint, names: BitNames): string {
  let rest = BigInt.asUintN(64, BigInt(mask));
  const found: string[] = [];
  for (const [name, value] of Object.entries(names)) {
    const bits = BigInt.asUintN(64, BigInt(value));
    if (bits !== 0n && (rest & bits) === bits) {
      found.push(name);
      rest &= ~bits;
    }
  }
  if (rest !== 0n || found.length === 0) found.push(rest === 0n ? "0" : `0x${rest.toString(16)}`);
  return found.join("|");
}
