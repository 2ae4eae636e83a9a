import type { Bytes } from "../base/container_engine.ts";
import { TarReader } from "../base/tar/reader.ts";
import type { Fd } from "../sys/fd.ts";
import { decompressed } from "./decompress.ts";
import { asFullDisk, roomIn } from "./free_space.ts";
import { Unpacker, type UnpackOptions } from "./unpack.ts";

const MAXIMUM_ENTRIES = 10_000_000;

/**
 * Unpacks a tar, plain or compressed, into a root. Names that mean something in the tar of a layer (`.wh.…`) are files like
 * others. Without `needsEnd` a tar that lacks its end marker will do, as it does for Docker.
 * @throws `invalid` naming the entry that cannot be, `conflict` for one in whose place something else is, `unavailable`
 * when the disk is full
 */
export async function unpackTree(
  tar: AsyncIterable<Bytes>,
  root: Fd,
  { needsEnd = true, ...options }: Omit<UnpackOptions, "whiteouts"> & { readonly needsEnd?: boolean } = {},
): Promise<void> {
  using unpacker = new Unpacker(root, { ...options, whiteouts: false });
  const bytes = roomIn(options.below?.folder ?? root);
  const reader = new TarReader(unpacker, { bytes, apparentBytes: Number.MAX_SAFE_INTEGER, entries: MAXIMUM_ENTRIES });
  try {
    for await (const piece of decompressed(tar)) reader.push(piece);
  } catch (error) {
    throw asFullDisk(error);
  }
  reader.finish({ needsEnd });
  unpacker.finish();
}
