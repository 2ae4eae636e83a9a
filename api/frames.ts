/**
 * How stdout and stderr share one connection when there is no terminal (Docker Engine API, "Attach to a container"):
 *
 *     byte 0        1 2 3      4 5 6 7                  8 …
 *     1 out, 2 err  0 0 0      length of data, be32     data
 */
import type { Bytes, OutputFrame } from "../base/container_engine.ts";

const STREAM = { stdout: 1, stderr: 2 } as const;

/** Up to here header and data are copied into one buffer and one write, which costs less than a second write. */
const COPY_LIMIT = 16 << 10;

/** The header of a frame with `length` bytes of data. */
export function frameHeader(stream: OutputFrame["stream"], length: number): Bytes {
  const header = new Uint8Array(8);
  header[0] = STREAM[stream];
  new DataView(header.buffer).setUint32(4, length);
  return header;
}

/** Header and data in one buffer. */
export function encodeFrame({ stream, data }: OutputFrame): Bytes {
  const frame = new Uint8Array(8 + data.length);
  frame[0] = STREAM[stream];
  new DataView(frame.buffer).setUint32(4, data.length);
  frame.set(data, 8);
  return frame;
}

/** What a frame is written to: a socket of node:net. */
export interface CorkableWriter {
  cork(): void;
  uncork(): void;
  write(data: Uint8Array): boolean;
}

/** Writes a frame, large data uncopied; false when the writer wants a pause. */
export function writeFrame(to: CorkableWriter, frame: OutputFrame): boolean {
  if (frame.data.length <= COPY_LIMIT) return to.write(encodeFrame(frame));
  to.cork();
  to.write(frameHeader(frame.stream, frame.data.length));
  const more = to.write(frame.data);
  to.uncork();
  return more;
}
