import type { Bytes } from "../../base/container_engine.ts";

/** Cuts what comes over TCP into messages: each follows its size in two bytes (RFC 1035 section 4.2.2). */
export class MessageReader {
  /** What has come since the last whole message, in pieces: joined once there is enough, not for each that comes. */
  #pieces: Bytes[] = [];
  #size = 0;
  /** Bytes without which it is of no use to look. */
  #needed = 2;

  /** Takes what has come and returns the messages that are whole by now. They are copies. */
  push(bytes: Bytes): Bytes[] {
    this.#pieces.push(bytes.slice());
    this.#size += bytes.length;
    if (this.#size < this.#needed) return [];
    const all = joined(this.#pieces, this.#size);
    const messages: Bytes[] = [];
    let offset = 0;
    for (;;) {
      this.#needed = 2 + ((all[offset] ?? 0) << 8 | (all[offset + 1] ?? 0));
      if (all.length - offset < this.#needed) break;
      messages.push(all.slice(offset + 2, offset + this.#needed));
      offset += this.#needed;
    }
    if (all.length - offset < 2) this.#needed = 2;
    this.#pieces = [all.slice(offset)];
    this.#size = all.length - offset;
    return messages;
  }
}

function joined(pieces: readonly Bytes[], size: number): Bytes {
  const all = new Uint8Array(size);
  let offset = 0;
  for (const piece of pieces) {
    all.set(piece, offset);
    offset += piece.length;
  }
  return all;
}

/** A message with its size before it. */
export function framed(message: Bytes): Bytes {
  const bytes = new Uint8Array(2 + message.length);
  bytes[0] = message.length >> 8;
  bytes[1] = message.length & 0xff;
  bytes.set(message, 2);
  return bytes;
}
