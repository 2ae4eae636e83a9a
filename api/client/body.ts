/** How the body of an answer is framed (RFC 9112, section 6): by length, in chunks, or by the end of the connection. */
import type { Bytes } from "../../base/container_engine.ts";
import { internal } from "../../base/errors.ts";
import type { Connection, ResponseHead } from "./connection.ts";

export interface BodyFraming {
  /** Whether the connection can carry another request when the body has been read. */
  readonly reusable: boolean;
  pieces(connection: Connection): AsyncGenerator<Bytes, void, void>;
}

export function bodyFraming(method: string, head: ResponseHead): BodyFraming {
  const stays = head.headers.get("connection")?.toLowerCase() !== "close";
  if (method === "HEAD" || head.status === 204 || head.status === 304) return { reusable: stays, pieces: nothing };
  if (/\bchunked$/i.test(head.headers.get("transfer-encoding") ?? "")) return { reusable: stays, pieces: chunks };
  const length = head.headers.get("content-length");
  if (length === undefined) return { reusable: false, pieces: untilClosed };
  return { reusable: stays, pieces: (connection) => counted(connection, Number(length)) };
}

async function* nothing(): AsyncGenerator<Bytes, void, void> {}

async function* counted(connection: Connection, length: number): AsyncGenerator<Bytes, void, void> {
  for (let left = length; left > 0;) {
    const piece = await connection.readSome(left);
    if (piece === undefined) throw internal(`the engine's answer ended ${left} bytes before its end`);
    left -= piece.length;
    yield piece;
  }
}

async function* chunks(connection: Connection): AsyncGenerator<Bytes, void, void> {
  for (;;) {
    const line = await connection.readLine();
    const size = parseInt(line, 16);
    if (!/^[\da-f]+/i.test(line)) throw internal(`no chunk size in the engine's answer: ${JSON.stringify(line)}`);
    if (size === 0) break;
    yield* counted(connection, size);
    await connection.readLine();
  }
  while (await connection.readLine() !== "");
}

/** What comes until the other side ends its stream, piece by piece. */
export async function* untilClosed(connection: Connection): AsyncGenerator<Bytes, void, void> {
  for (let piece = await connection.readSome(); piece !== undefined; piece = await connection.readSome()) yield piece;
}
