/**
 * Attach and exec turn the HTTP connection into a plain two-way stream:
 *
 *     client                                             engine
 *       POST /containers/x/attach?stream=1…   ─────────▶
 *         Connection: Upgrade, Upgrade: tcp
 *       ◀─────────  101 UPGRADED (200 OK, if the client did not ask for the upgrade)
 *       ◀──────────▶  stdin ahead, output back, raw or in frames
 *       FIN           ─────────▶   stdin is closed, output goes on
 *       ◀─────────   FIN           the process has ended
 */
import type { Socket } from "node:net";
import { CURRENT_VERSION } from "./api_version.ts";
import type { Exchange } from "./exchange.ts";

const RAW_STREAM = "application/vnd.docker.raw-stream";
const MULTIPLEXED_STREAM = "application/vnd.docker.multiplexed-stream";

/** Before 1.42 both kinds of stream were called raw. */
export function streamType({ version }: Exchange, tty: boolean): string {
  return tty || version < 42 ? RAW_STREAM : MULTIPLEXED_STREAM;
}

/** A socket as node:http has prepared it; the parser is not in its public types. */
type HttpSocket = Socket & { parser?: { unconsume?(): void } | null };

/** Answers the request and takes the connection over; the body must have been read. HTTP is over on it. */
export function hijack({ request, response }: Exchange, contentType: string): Socket {
  const socket: HttpSocket = request.socket;
  const upgrade = request.headers.upgrade !== undefined;
  response.detachSocket(socket);
  // node:http hands over a socket by itself only for `Upgrade`, and then without the answer object. So its parser must
  // let go: of the handle, from which it reads past the socket, and of the events by which it feeds itself and ends the
  // socket when the client has ended its side.
  socket.parser?.unconsume?.();
  for (const event of ["data", "end", "drain", "timeout", "error"]) socket.removeAllListeners(event);
  socket.setTimeout(0);
  socket.on("error", () => {}); // "close" follows, and says all that matters
  socket.write(
    `HTTP/1.1 ${upgrade ? "101 UPGRADED" : "200 OK"}\r\nContent-Type: ${contentType}\r\n` +
      `Api-Version: 1.${CURRENT_VERSION}\r\n` +
      (upgrade ? "Connection: Upgrade\r\nUpgrade: tcp\r\n\r\n" : "Connection: close\r\n\r\n"),
  );
  return socket;
}
