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
export function encodeFrame(frame: OutputFrame): Bytes {
  return encodeFrames([frame], true);
}

/** All frames in one buffer, each after its header; without `headers` the data only, as from a terminal. */
export function encodeFrames(frames: readonly OutputFrame[], headers: boolean): Bytes {
  const header = headers ? 8 : 0;
  const all = new Uint8Array(frames.reduce((length, { data }) => length + header + data.length, 0));
  const view = new DataView(all.buffer);
  let at = 0;
  for (const { stream, data } of frames) {
    if (headers) {
      all[at] = STREAM[stream];
      view.setUint32(at + 4, data.length);
    }
    all.set(data, at + header);
    at += header + data.length;
  }
  return all;
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
