/** A pretended engine behind a real socket, and a client that shows every byte. */
import { MemoryEngine } from "./memory_engine_test_support.ts";
import { serve, type Server } from "./serve.ts";

/** What came back on a connection: status line and headers as text, the rest as bytes. */
export interface Reply {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/** A served engine in a folder of its own; both go with it. */
export interface Served extends AsyncDisposable {
  readonly engine: MemoryEngine;
  readonly server: Server;
  readonly socket: string;
  /** Lines of the engine's log. */
  readonly log: string[];
  /** Asks for one thing on a connection of its own. */
  request(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>;
  /** Opens a connection and writes `text` to it. */
  connect(text: string): Promise<Connection>;
}

export async function served(): Promise<Served> {
  const folder = await Deno.makeTempDir({ prefix: "sauropod-api-" });
  const engine = new MemoryEngine();
  const log: string[] = [];
  const socket = `${folder}/s.sock`;
  const server = await serve(engine, { socket, log: (line) => log.push(line) });
  return {
    engine,
    server,
    socket,
    log,
    connect: (text) => Connection.open(socket, text),
    request: (method, path, body, headers) => request(socket, method, path, body, headers),
    async [Symbol.asyncDispose]() {
      await server.close(500);
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** Asks for one thing; the answer is complete when the server closes. */
export async function request(
  socket: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Reply> {
  const text = body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body);
  const lines = Object.entries({
    Host: "x",
    Connection: "close",
    ...(text !== "" && { "Content-Type": "application/json", "Content-Length": `${text.length}` }),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  using connection = await Connection.open(socket, `${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n${text}`);
  return parseReply(await connection.rest());
}

function parseReply(text: string): Reply {
  const end = text.indexOf("\r\n\r\n");
  return { status: Number(text.slice(9, 12)), head: text.slice(0, end), body: text.slice(end + 4) };
}

/** A connection of which every byte is seen; bytes are characters. */
export class Connection implements Disposable {
  readonly #conn: Deno.UnixConn;
  #closed = false;

  constructor(conn: Deno.UnixConn) {
    this.#conn = conn;
  }

  static async open(socket: string, text: string): Promise<Connection> {
    const connection = new Connection(await Deno.connect({ transport: "unix", path: socket }));
    await connection.write(text);
    return connection;
  }

  async write(text: string): Promise<void> {
    const data = Uint8Array.from(text, (character) => character.charCodeAt(0));
    for (let done = 0; done < data.length;) done += await this.#conn.write(data.subarray(done));
  }

  /** The client's FIN. */
  closeWrite(): Promise<void> {
    return this.#conn.closeWrite();
  }

  /** What arrives up to and including `mark`. */
  async until(mark: string): Promise<string> {
    let text = "";
    while (!text.endsWith(mark)) {
      const more = await this.#read(1);
      if (more === undefined) return text;
      text += more;
    }
    return text;
  }

  /** What arrives until the server closes. */
  async rest(): Promise<string> {
    let text = "";
    for (let more = await this.#read(65536); more !== undefined; more = await this.#read(65536)) text += more;
    return text;
  }

  async #read(limit: number): Promise<string | undefined> {
    const buffer = new Uint8Array(limit);
    const n = await this.#conn.read(buffer);
    return n === null ? undefined : Array.from(buffer.subarray(0, n), (byte) => String.fromCharCode(byte)).join("");
  }

  close(): void {
    if (!this.#closed) this.#conn.close();
    this.#closed = true;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** Settles when `condition` holds; what never does is caught by the time limit of the whole test. */
export async function eventually(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((done) => setTimeout(done, 5));
}
