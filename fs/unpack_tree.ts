import type { Bytes } from "../base/container_engine.ts";
import { unavailable } from "../base/errors.ts";
import { TarReader } from "../base/tar/reader.ts";
import type { Fd } from "../sys/fd.ts";
import { fileSystem } from "../sys/file_system.ts";
import { decompressed } from "./decompress.ts";
import { Unpacker, type UnpackOptions } from "./unpack.ts";

/** A part of the free space that is left to others. */
const RESERVE = 0.05;
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
  const { freeBytes, freeInodes, totalInodes } = fileSystem(options.below?.folder ?? root);
  // File systems that make inodes as they go say that they have none at all.
  if (freeInodes === 0 && totalInodes > 0) throw unavailable("no space left on device: no inode is free");
  const bytes = Math.floor(freeBytes * (1 - RESERVE));
  const reader = new TarReader(unpacker, { bytes, apparentBytes: Number.MAX_SAFE_INTEGER, entries: MAXIMUM_ENTRIES });
  for await (const piece of decompressed(tar)) reader.push(piece);
  reader.finish({ needsEnd });
  unpacker.finish();
}
