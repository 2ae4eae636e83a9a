import type { Bytes } from "../base/container_engine.ts";
import { unavailable } from "../base/errors.ts";
import { fileSystem } from "../sys/file_system.ts";
import { O, open } from "../sys/open.ts";
import { decompressed } from "./decompress.ts";
import { TarReader } from "../base/tar/reader.ts";
import { Unpacker } from "./unpack.ts";

/** A part of the free space that is left to others. */
const RESERVE = 0.05;
const MAXIMUM_ENTRIES = 10_000_000;

/**
 * Unpacks a tar, plain or compressed, into an empty folder. Names that mean something in the tar of a layer (`.wh.…`)
 * are files like others.
 * @throws `invalid` naming the entry that cannot be, `unavailable` when the disk is full
 */
export async function unpackTree(tar: AsyncIterable<Bytes>, folder: string): Promise<void> {
  using root = open(folder, O.RDONLY | O.DIRECTORY);
  using unpacker = new Unpacker(root, { whiteouts: false });
  const { freeBytes, freeInodes } = fileSystem(root);
  if (freeInodes === 0) throw unavailable("no space left on device: no inode is free");
  const bytes = Math.floor(freeBytes * (1 - RESERVE));
  const reader = new TarReader(unpacker, { bytes, apparentBytes: Number.MAX_SAFE_INTEGER, entries: MAXIMUM_ENTRIES });
  for await (const piece of decompressed(tar)) reader.push(piece);
  reader.finish({ needsEnd: true });
  unpacker.finish();
}
