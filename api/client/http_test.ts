import assert from "node:assert/strict";
import { EngineError } from "../../base/errors.ts";
import type { Bytes } from "../../base/container_engine.ts";
import { HttpClient, type HttpRequest, jsonLines } from "./http.ts";

/** A server that says what a test wants it to say, byte by byte, and keeps what it was told. */
class RawServer implements AsyncDisposable {
  readonly received: string[] = [];
  connections = 0;
  readonly #folder = Deno.makeTempDirSync({ prefix: "sauropod-http-" });
  readonly #listener: Deno.UnixListener;
  readonly #open = new Set<Deno.UnixConn>();

  constructor(answer: (conn: Deno.UnixConn, request: string, server: RawServer) => Promise<void> | void) {
    this.#listener = Deno.listen({ transport: "unix", path: this.path });
    this.#accept(answer);
  }

  get path(): string {
    return `${this.#folder}/s.sock`;
  }

  async #accept(answer: (conn: Deno.UnixConn, request: string, server: RawServer) => Promise<void> | void) {
    for await (const conn of this.#listener) {
      this.connections++;
      this.#open.add(conn);
      this.#serve(conn, answer).catch(() => {}); // the client's going is part of the tests
    }
  }

  async #serve(
    conn: Deno.UnixConn,
    answer: (conn: Deno.UnixConn, request: string, server: RawServer) => Promise<void> | void,
  ) {
    const buffer = new Uint8Array(65536);
    for (let count = await conn.read(buffer); count !== null; count = await conn.read(buffer)) {
      const request = new TextDecoder().decode(buffer.subarray(0, count));
      this.received.push(request);
      await answer(conn, request, this);
    }
  }

  async [Symbol.asyncDispose]() {
    this.#listener.close();
    for (const conn of this.#open) {
      try {
        conn.close();
      } catch (_) {
        // closed by the test
      }
    }
    await Deno.remove(this.#folder, { recursive: true });
  }
}

async function say(conn: Deno.UnixConn, ...pieces: string[]) {
  for (const piece of pieces) {
    await conn.write(new TextEncoder().encode(piece));
    await new Promise((resolve) => setTimeout(resolve, 1)); // so that they arrive apart
  }
}

const get: HttpRequest = { method: "GET", path: "/x" };

const framings: readonly [name: string, pieces: string[], body: string][] = [
  ["a content length", ["HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"], "hello"],
  ["a head in pieces", ["HTTP/1.1 200 OK\r\nContent-Le", "ngth: 5\r", "\n\r", "\nhel", "lo"], "hello"],
  ["no body", ["HTTP/1.1 204 No Content\r\n\r\n"], ""],
  ["chunks", ["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\n"], "hello"],
  [
    "chunks in pieces, with a trailer",
    [
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
      "3",
      "\r",
      "\nh",
      "el\r\n2\r\nlo\r",
      "\n0\r\nA: b\r\n",
      "\r\n",
    ],
    "hello",
  ],
];

for (const [name, pieces, body] of framings) {
  Deno.test(`the client reads ${name} and uses the connection again`, async () => {
    await using server = new RawServer((conn) => say(conn, ...pieces));
    const client = new HttpClient(server.path);
    for (let i = 0; i < 2; i++) assert.equal(await (await client.request(get)).text(), body);
    assert.equal(server.connections, 1);
    client.close();
  });
}

Deno.test("the client reads a body that the end of the connection ends, and opens another one", async () => {
  await using server = new RawServer(async (conn) => {
    await say(conn, "HTTP/1.1 200 OK\r\n\r\nhel", "lo");
    conn.close();
  });
  const client = new HttpClient(server.path);
  for (let i = 0; i < 2; i++) assert.equal(await (await client.request(get)).text(), "hello");
  assert.equal(server.connections, 2);
});

Deno.test("the client sends head and JSON in one piece", async () => {
  await using server = new RawServer((conn) => say(conn, "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"));
  const client = new HttpClient(server.path);
  await (await client.request({ method: "POST", path: "/y?a=b", json: { a: "é" } })).text();
  client.close();
  assert.deepEqual(server.received, [
    "POST /y?a=b HTTP/1.1\r\nHost: sauropod\r\nContent-Length: 10\r\nContent-Type: application/json\r\n\r\n" +
    '{"a":"é"}',
  ]);
});

Deno.test("the client sends a stream in chunks", async () => {
  await using server = new RawServer(async (conn, request) => {
    if (request.endsWith("0\r\n\r\n")) await say(conn, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  });
  const client = new HttpClient(server.path);
  const stream = ReadableStream.from([new Uint8Array([97, 98]), new Uint8Array(0), new Uint8Array([99])]);
  await (await client.request({ method: "POST", path: "/load", stream })).text();
  assert(server.received.join("").endsWith("Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"));
});

Deno.test("a stream that fails while it is sent fails the request, for which no answer can come", async () => {
  await using server = new RawServer(() => {});
  const client = new HttpClient(server.path);
  const stream = ReadableStream.from(async function* (): AsyncGenerator<Bytes> {
    yield new Uint8Array(10);
    await new Promise((resolve) => setTimeout(resolve, 5));
    throw new TypeError("the disk is broken");
  }());
  await assert.rejects(client.request({ method: "PUT", path: "/x", stream }), /^TypeError: the disk is broken$/);
});

Deno.test("an answer that comes before the upload's end is the answer, not the broken pipe", async () => {
  await using server = new RawServer(async (conn) => {
    await say(conn, 'HTTP/1.1 400 Bad Request\r\nContent-Length: 17\r\n\r\n{"message":"bad"}');
    conn.close();
  });
  const stream = new ReadableStream<Bytes>({ pull: (to) => to.enqueue(new Uint8Array(65536)) });
  const failed = new HttpClient(server.path).request({ method: "POST", path: "/load", stream });
  await assert.rejects(failed, { name: "EngineError", class: "invalid", message: "bad" });
});

const statuses: readonly [status: string, errorClass: string][] = [
  ["304 Not Modified", "not_modified"],
  ["400 Bad Request", "invalid"],
  ["403 Forbidden", "forbidden"],
  ["404 Not Found", "not_found"],
  ["409 Conflict", "conflict"],
  ["500 Internal Server Error", "internal"],
  ["501 Not Implemented", "unimplemented"],
  ["503 Service Unavailable", "unavailable"],
];

for (const [status, errorClass] of statuses) {
  Deno.test(`the client makes ${status} an error of class ${errorClass} with the engine's sentence`, async () => {
    const body = status.startsWith("304") ? "" : '{"message":"No such container: x"}\n';
    await using server = new RawServer((conn) =>
      say(conn, `HTTP/1.1 ${status}\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
    );
    const client = new HttpClient(server.path);
    await assert.rejects(client.request(get), (error) => {
      assert(error instanceof EngineError);
      assert.equal(error.class, errorClass);
      assert.equal(error.message, body === "" ? "Not Modified" : "No such container: x");
      return true;
    });
    client.close();
  });
}

Deno.test("a hijacked connection gives what came with the head, and half-closes", async () => {
  await using server = new RawServer(async (conn, request) => {
    if (request.includes("Upgrade: tcp")) await say(conn, "HTTP/1.1 101 UPGRADED\r\nUpgrade: tcp\r\n\r\nfirst");
    else await say(conn, `echo ${request}`);
  });
  const { head, connection } = await new HttpClient(server.path).hijack({ method: "POST", path: "/attach" });
  using _ = connection;
  assert.equal(head.status, 101);
  const read = async () => new TextDecoder().decode(await connection.readSome());
  assert.equal(await read(), "first");
  await connection.write(new TextEncoder().encode("second"));
  assert.equal(await read(), "echo second");
  await connection.closeWrite();
});

Deno.test("abort ends a streaming body with the signal's reason", async () => {
  await using server = new RawServer((conn) =>
    say(conn, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n")
  );
  const abort = new AbortController();
  const { body } = await new HttpClient(server.path).request({ ...get, signal: abort.signal });
  const seen: number[] = [];
  const reason = new Error("enough");
  await assert.rejects(async () => {
    for await (const piece of body) {
      seen.push(...piece);
      abort.abort(reason);
    }
  }, reason);
  assert.deepEqual(seen, [97]);
});

Deno.test("a body that ends too early is an error", async () => {
  await using server = new RawServer(async (conn) => {
    await say(conn, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello");
    conn.close();
  });
  const response = await new HttpClient(server.path).request(get);
  await assert.rejects(response.text(), /ended 4 bytes before its end/);
});

Deno.test("an engine that hangs up on the first request is asked again, once", async () => {
  await using server = new RawServer(async (conn, _request, { connections }) => {
    if (connections === 2) await say(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
    else conn.close();
  });
  const client = new HttpClient(server.path);
  assert.equal(await (await client.request(get)).text(), "hi");
  client.close();
});

Deno.test("an engine that has read a change and hangs up is not asked again: the change may be made", async () => {
  await using server = new RawServer((conn) => conn.close());
  const client = new HttpClient(server.path);
  await assert.rejects(client.request({ method: "POST", path: "/containers/create", json: {} }), /hung up without/);
  assert.equal(server.connections, 1);
});

Deno.test("an engine that leaves before it has read a change is asked again", async () => {
  const folder = await Deno.makeTempDir({ prefix: "sauropod-http-" });
  const path = `${folder}/s.sock`;
  try {
    using first = Deno.listen({ transport: "unix", path });
    const answered = new HttpClient(path).request({ method: "POST", path: "/x", json: {} });
    (await first.accept()).close(); // by then the request lies unread in it, or meets the closed end
    const conn = await first.accept();
    await conn.write(new TextEncoder().encode("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"));
    assert.equal(await (await answered).text(), "hi");
    conn.close();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("nobody on the socket: the engine is started, and without a start it is an error that says so", async () => {
  const folder = await Deno.makeTempDir({ prefix: "sauropod-http-" });
  const socket = `${folder}/none.sock`;
  await assert.rejects(new HttpClient(socket).request(get), { class: "unavailable", message: /nobody listens/ });
  let started = 0;
  const client = new HttpClient(socket, () => Promise.resolve(void started++));
  await assert.rejects(client.request(get), { class: "unavailable" });
  assert.equal(started, 1);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("jsonLines() joins lines and letters that were cut", async () => {
  const bytes = new TextEncoder().encode('{"a":"é"}\r\n\n{"b":1}\n{"c":2}');
  const pieces = Array.from(bytes, (byte) => new Uint8Array([byte]));
  assert.deepEqual(await Array.fromAsync(jsonLines(ReadableStream.from(pieces))), [{ a: "é" }, { b: 1 }, { c: 2 }]);
});
