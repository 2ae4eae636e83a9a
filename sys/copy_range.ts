import type { Fd } from "./fd.ts";
import { invoke, libc } from "./libc.ts";

/**
 * Copies up to `length` bytes within the kernel, from and to where the files stand, and gives how many; 0 at the end.
 * File systems that can do so share the blocks (copy_file_range(2), across file systems since Linux 5.3).
 */
export function copyRange(from: Fd, to: Fd, length: number): number {
  return invoke(
    "copy_file_range",
    () => libc().copy_file_range(from.number, null, to.number, null, BigInt(length), 0),
    () => ({ object: `descriptor ${from.number} to ${to.number}` }),
  );
}
