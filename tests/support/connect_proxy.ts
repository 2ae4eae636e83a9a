/** A proxy as browsers know it for https: `CONNECT host:port`, and then bytes to and fro that it cannot read. */
export class ConnectProxy implements Disposable {
  readonly host: string;
  /** Whom it was asked to connect to: `10.1.2.3:443`. */
  readonly asked: string[] = [];
  readonly #listener: Deno.TcpListener;
  readonly #open = new Set<Deno.TcpConn>();

  constructor() {
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.host = `127.0.0.1:${this.#listener.addr.port}`;
    void this.#accept();
  }

  [Symbol.dispose](): void {
    this.#listener.close();
    for (const connection of this.#open) close(connection);
  }

  async #accept(): Promise<void> {
    for await (const client of this.#listener) this.#serve(client).catch(() => close(client));
  }

  async #serve(client: Deno.TcpConn): Promise<void> {
    this.#open.add(client);
    const [, hostname = "", port = ""] = /^CONNECT (\S+):(\d+) HTTP\/1\.1\r\n/.exec(await head(client)) ?? [];
    this.asked.push(`${hostname}:${port}`);
    const server = await Deno.connect({ hostname, port: Number(port) });
    this.#open.add(server);
    await client.write(new TextEncoder().encode("HTTP/1.1 200 Connection established\r\n\r\n"));
    await Promise.allSettled([client.readable.pipeTo(server.writable), server.readable.pipeTo(client.writable)]);
  }
}

async function head(client: Deno.TcpConn): Promise<string> {
  const [buffer, text] = [new Uint8Array(4096), new TextDecoder()];
  for (let read = ""; !read.endsWith("\r\n\r\n");) {
    const n = await client.read(buffer);
    if (n === null) break;
    read += text.decode(buffer.subarray(0, n));
    if (read.endsWith("\r\n\r\n")) return read;
  }
  return "";
}

function close(connection: Deno.TcpConn): void {
  try {
    connection.close();
  } catch {
    // its streams have closed it
  }
}
