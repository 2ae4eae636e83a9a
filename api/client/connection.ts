import { internal } from "../../base/errors.ts";
import type { Bytes } from "../../base/container_engine.ts";

const readSize = 64 * 1024;
/** A head longer than this is no answer of an engine. */
const longestHead = 64 * 1024;
const empty = new Uint8Array(0);

export interface ResponseHead {
  readonly status: number;
  readonly reason: string;
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
}

/** A connection to the engine's socket, with what has been read from it and not yet been taken. */
export class Connection implements Disposable {
  readonly #conn: Deno.UnixConn;
  #pending: Bytes = empty;
  #closed = false;

  constructor(conn: Deno.UnixConn) {
    this.#conn = conn;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** What is there, at most `limit` bytes; undefined at the end. Blocks only when nothing is pending. */
  async readSome(limit = Infinity): Promise<Bytes | undefined> {
    if (this.#pending.length === 0 && !await this.#fill()) return undefined;
    const taken = this.#pending.subarray(0, limit);
    this.#pending = this.#pending.subarray(taken.length);
    return taken;
  }

  /** A line of a chunked body, without its end. */
  async readLine(): Promise<string> {
    const line = await this.#readUntil("\r\n", 1024);
    if (line === undefined) throw internal("the engine's answer ended within a chunked body");
    return line;
  }

  /** The status line and the headers; undefined if the other side closed without a word. */
  async readHead(): Promise<ResponseHead | undefined> {
    const text = await this.#readUntil("\r\n\r\n", longestHead);
    if (text === undefined) return undefined;
    const [first = "", ...lines] = text.split("\r\n");
    const [, status, reason = ""] = /^HTTP\/1\.[01] (\d{3}) ?(.*)$/.exec(first) ?? [];
    if (status === undefined) throw internal(`no HTTP answer from the engine: ${JSON.stringify(first.slice(0, 80))}`);
    const headers = new Map<string, string>();
    for (const line of lines) {
      const colon = line.indexOf(":");
      headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
    }
    return { status: Number(status), reason, headers };
  }

  async write(data: Bytes): Promise<void> {
    for (let written = 0; written < data.length;) written += await this.#conn.write(data.subarray(written));
  }

  /** Tells the other side that nothing more is coming; reading goes on. */
  async closeWrite(): Promise<void> {
    if (!this.#closed) await this.#conn.closeWrite();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#conn.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #readUntil(end: string, longest: number): Promise<string | undefined> {
    const last = end.charCodeAt(end.length - 1);
    for (let from = 0;;) {
      for (let at = this.#pending.indexOf(last, from); at >= 0; at = this.#pending.indexOf(last, at + 1)) {
        const text = latin1(this.#pending.subarray(0, at + 1));
        if (!text.endsWith(end)) continue;
        this.#pending = this.#pending.subarray(at + 1);
        return text.slice(0, -end.length);
      }
      from = this.#pending.length;
      if (from > longest) throw internal("the engine's answer has an endless header");
      if (await this.#fill()) continue;
      if (from === 0) return undefined;
      throw internal("the engine's answer ended within its header");
    }
  }

  /** Reads more; the buffer is a new one each time, so that what was handed out stays as it is. */
  async #fill(): Promise<boolean> {
    const buffer = new Uint8Array(readSize);
    const count = this.#closed ? null : await this.#conn.read(buffer);
    if (count === null) return false;
    const read = buffer.subarray(0, count);
    if (this.#pending.length === 0) {
      this.#pending = read;
      return true;
    }
    const joined = new Uint8Array(this.#pending.length + count);
    joined.set(this.#pending);
    joined.set(read, this.#pending.length);
    this.#pending = joined;
    return true;
  }
}

function latin1(bytes: Bytes): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 4096) text += String.fromCharCode(...bytes.subarray(at, at + 4096));
  return text;
}
