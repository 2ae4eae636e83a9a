/**
 * Docker's multiplexed streams (stdcopy): stdout and stderr in one connection, each piece behind eight bytes.
 *
 *     0       1   2   3   4     5     6     7
 *     stream  0   0   0   length, big endian      1: stdout, 2: stderr, 3: an error of the engine
 */
import type { Bytes, OutputFrame } from "./container_engine.ts";
import { EngineError, internal } from "./errors.ts";

const FRAME_HEADER = 8;

/** A frame of more than this is no frame: the other side speaks something else. */
const LARGEST_FRAME = 1 << 30;

const NUMBER = { stdout: 1, stderr: 2 } as const;

/** The eight bytes before `length` bytes of `stream`. */
export function frameHeader(stream: OutputFrame["stream"], length: number): Bytes {
  const header = new Uint8Array(FRAME_HEADER);
  putHeader(header, 0, stream, length);
  return header;
}

/** One piece of output as it goes over the wire. */
export function encodeFrame(frame: OutputFrame): Bytes {
  return encodeFrames([frame], true);
}

/** All frames in one buffer, each after its header; without `headers` the data only, as from a terminal. */
export function encodeFrames(frames: readonly OutputFrame[], headers: boolean): Bytes {
  const header = headers ? FRAME_HEADER : 0;
  const all = new Uint8Array(frames.reduce((length, { data }) => length + header + data.length, 0));
  let at = 0;
  for (const { stream, data } of frames) {
    if (headers) putHeader(all, at, stream, data.length);
    all.set(data, at + header);
    at += header + data.length;
  }
  return all;
}

/** `into` is zero there. */
function putHeader(into: Bytes, at: number, stream: OutputFrame["stream"], length: number): void {
  into[at] = NUMBER[stream];
  for (let i = 7; i >= 4; i--, length >>>= 8) into[at + i] = length;
}

/**
 * Takes the pieces apart again, however the connection cut them; a frame is handed on as far as it has come, so that a
 * large one needs no memory.
 * @throws `internal` when the stream is not multiplexed, ends within a frame, or carries an error of the engine.
 */
export async function* decodeFrames(chunks: AsyncIterable<Bytes>): AsyncGenerator<OutputFrame> {
  const header = new Uint8Array(FRAME_HEADER);
  let have = 0;
  let left = 0;
  let failure: Uint8Array[] | undefined;
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.byteLength;) {
      if (left === 0) {
        const part = chunk.subarray(at, at + FRAME_HEADER - have);
        header.set(part, have);
        have += part.byteLength;
        at += part.byteLength;
        if (have < FRAME_HEADER) break;
        left = frameLength(header);
        if (header[0] === 3) failure = [];
        if (left === 0) have = 0;
        continue;
      }
      const data = chunk.subarray(at, at + left);
      at += data.byteLength;
      left -= data.byteLength;
      if (left === 0) have = 0;
      if (failure === undefined) yield { stream: header[0] === NUMBER.stderr ? "stderr" : "stdout", data };
      else failure.push(data);
      if (failure !== undefined && left === 0) throw carriedError(failure);
    }
  }
  if (have > 0 || left > 0) throw internal("the stream ended within a frame");
}

function frameLength(header: Uint8Array<ArrayBuffer>): number {
  const length = new DataView(header.buffer).getUint32(4);
  const kind = header[0] ?? 255;
  if (kind > 3 || header[1] !== 0 || header[2] !== 0 || header[3] !== 0 || length > LARGEST_FRAME) {
    throw internal(`Unrecognized input header: ${kind}`);
  }
  return length;
}

function carriedError(parts: readonly Uint8Array[]): EngineError {
  const text = parts.map((part) => new TextDecoder().decode(part)).join("");
  return internal(`error from daemon in stream: ${text}`);
}
