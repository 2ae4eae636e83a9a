import type { OutputFrame } from "../base/container_engine.ts";
import { encodeFrame, frameHeader } from "../base/frames.ts";

/** Up to here header and data are copied into one buffer and one write, which costs less than a second write. */
const COPY_LIMIT = 16 << 10;

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
