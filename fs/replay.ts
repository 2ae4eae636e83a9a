import type { Bytes } from "../base/container_engine.ts";
import { internal } from "../base/errors.ts";
import type { Fd } from "../sys/fd.ts";
import { readAt } from "../sys/file.ts";
import { O, open, openInRoot } from "../sys/open.ts";
import { readSkeleton, type SkeletonRecord } from "./skeleton.ts";

const PIECE = 1 << 20;

/** The tar that a layer was unpacked from, in pieces of at most 1 MiB, out of its folder and its skeleton. */
export function* replayLayer(folder: string, skeleton: string): Generator<Bytes> {
  using root = open(folder, O.PATH | O.DIRECTORY);
  using records = open(skeleton, O.RDONLY);
  for (const record of readSkeleton(records)) {
    if (record.kind === "bytes") yield record.bytes;
    else if (record.kind === "zeros") yield* zeros(record.length);
    else yield* data(root, record);
  }
}

function* zeros(length: number): Generator<Bytes> {
  for (; length > 0; length -= PIECE) yield new Uint8Array(Math.min(length, PIECE));
}

function* data(root: Fd, { path, offset, length }: Extract<SkeletonRecord, { kind: "file" }>): Generator<Bytes> {
  // Nonblocking: what ought to be a file must not make the reader wait if it is a FIFO after all.
  using file = openInRoot(root, path, O.RDONLY | O.NOFOLLOW | O.NONBLOCK);
  for (const end = offset + length; offset < end;) {
    const piece = new Uint8Array(Math.min(PIECE, end - offset));
    const n = readAt(file, piece, offset);
    if (n === 0) throw internal(`the file ${path} of a layer is shorter than it was`);
    yield piece.subarray(0, n);
    offset += n;
  }
}
