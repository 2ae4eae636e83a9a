import type { Bytes } from "../../base/container_engine.ts";

const PIECE = 1 << 18;

/** The same bytes in larger pieces: each piece is a write to the engine's socket, and a tar of small files has many. */
export async function* coalesce(pieces: AsyncIterable<Bytes>): AsyncGenerator<Bytes> {
  let buffer = new Uint8Array(PIECE);
  let filled = 0;
  for await (const piece of pieces) {
    if (filled + piece.length > PIECE) {
      yield buffer.subarray(0, filled);
      [buffer, filled] = [new Uint8Array(PIECE), 0];
    }
    if (piece.length >= PIECE) yield piece;
    else {
      buffer.set(piece, filled);
      filled += piece.length;
    }
  }
  if (filled > 0) yield buffer.subarray(0, filled);
}
