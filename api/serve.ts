import type { ContainerEngine } from "../base/container_engine.ts";
import { ApiServer } from "./server.ts";
import { listenOn } from "./socket_file.ts";

export interface ServeOptions {
  /** Path of the Unix socket. */
  readonly socket: string;
  /** Takes the lines of the engine's log; standard error unless told. */
  readonly log?: (line: string) => void;
  /** What `POST /engine/stop` does; nothing unless told. */
  readonly stop?: () => void;
}

/** A socket on which an engine answers. */
export interface Server extends AsyncDisposable {
  readonly socket: string;
  /** Requests that are being answered, attached clients and followers included. */
  readonly active: number;
  /** Since when there is none, on the clock of `performance.now()`; undefined while there is one. */
  readonly idleSince: number | undefined;
  /** Takes no more requests, ends streams, lets the rest finish for `grace` milliseconds (5 s). The engine stays. */
  close(grace?: number): Promise<void>;
}

/**
 * Serves Docker's Engine API for `engine` on a Unix socket. When the promise settles, requests are answered.
 * @throws `conflict` when somebody else listens there, `unavailable` when the socket cannot be made.
 */
export async function serve(engine: ContainerEngine, options: ServeOptions): Promise<Server> {
  const { socket, log = (line) => console.error(line), stop = () => {} } = options;
  const { Version } = await engine.system.version();
  const api = new ApiServer({ engine, productVersion: Version, log, stop });
  await listenOn(api.http, socket);
  api.http.on("error", (error) => log(`the socket failed: ${error.message}`));
  let closed: Promise<void> | undefined;
  const close = async (grace: number) => {
    await removeSocket(socket); // first, so that nobody comes who would not be served
    await api.end(grace);
  };
  return {
    socket,
    get active() {
      return api.active;
    },
    get idleSince() {
      return api.idleSince;
    },
    close: (grace = 5000) => closed ??= close(grace),
    [Symbol.asyncDispose]: () => closed ??= close(5000),
  };
}

async function removeSocket(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
