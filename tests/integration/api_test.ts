/** The API's plain answers, on a real socket, byte by byte. */
import assert from "node:assert/strict";
import { connect } from "../../api/client/connect.ts";
import { eventually, served } from "../../api/serve_test_support.ts";

const message = (text: string) => `${JSON.stringify({ message: text })}\n`;

Deno.test("the socket is for root and the group docker only", async () => {
  await using api = await served();
  const { mode, isSocket } = await Deno.lstat(api.socket);
  assert.equal((mode ?? 0) & 0o777, 0o660);
  assert.ok(isSocket);
});

Deno.test("every answer carries the API version, and HEAD /_ping has no body", async () => {
  await using api = await served();
  for (const [method, path, status] of [["GET", "/_ping", 200], ["GET", "/v1.24/nothing", 404]] as const) {
    const reply = await api.request(method, path);
    assert.equal(reply.status, status);
    assert.match(reply.head, /^Api-Version: 1\.47$/m);
    assert.match(reply.head, /^Server: Docker\/.* \(linux\)$/m);
  }
  const ping = await api.request("HEAD", "/v1.41/_ping");
  assert.equal(ping.body, "");
  assert.match(ping.head, /^Builder-Version: 1$/m);
});

Deno.test("failures have docker's status and body", async () => {
  await using api = await served();
  await api.request("POST", "/containers/create?name=web", { Image: "x", Cmd: ["sleep"] });
  const rows: [string, string, unknown, number, string | RegExp][] = [
    ["GET", "/nothing", undefined, 404, message("page not found")],
    ["GET", "/containers/none/json", undefined, 404, message("No such container: none")],
    ["GET", "/v1.99/info", undefined, 400, /client version 1\.99 is too new/],
    ["GET", "/v1.23/info", undefined, 400, /client version 1\.23 is too old/],
    ["POST", "/v1.24/containers/prune", undefined, 404, message("page not found")],
    ["POST", "/containers/create?name=web", { Image: "x" }, 409, /already in use/],
    ["POST", "/containers/web/kill", undefined, 409, /^\{"message":"Cannot kill container/],
    ["POST", "/containers/web/stop", undefined, 304, ""],
    ["POST", "/containers/web/wait?condition=bored", undefined, 400, message('invalid condition: "bored"')],
    ["POST", "/containers/web/resize?h=1", undefined, 400, /invalid terminal size/],
    ["POST", "/containers/web/start", { Binds: ["/:/host"] }, 400, /removed in v1\.24/],
    ["POST", "/containers/web/exec", { Cmd: [] }, 400, message("No exec command specified")],
    ["GET", "/containers/web/logs", undefined, 400, /you must choose at least one stream/],
    ["GET", "/containers/json?filters=%7B", undefined, 400, /^\{"message":"invalid filter/],
    ["GET", "/images/get?names=absent", undefined, 404, message("No such image: absent")],
    [
      "POST",
      "/images/create?fromImage=busybox&tag=latest",
      undefined,
      404,
      message("pull access denied for busybox:latest"),
    ],
    ["POST", "/auth", {}, 501, /lacks it/],
  ];
  for (const [method, path, body, status, expected] of rows) {
    const reply = await api.request(method, path, body);
    assert.equal(reply.status, status, `${method} ${path}: ${reply.body}`);
    if (typeof expected === "string") assert.equal(reply.body, expected);
    else assert.match(reply.body, expected);
  }
});

Deno.test("a body that is no JSON, empty or of another type is refused with docker's words", async () => {
  await using api = await served();
  const create = (body: string, headers?: Record<string, string>) =>
    api.request("POST", "/containers/create", body, headers);
  assert.equal((await create('{"Image":')).body, message("invalid JSON: unexpected EOF"));
  assert.match((await create("Image=x")).body, /invalid JSON: invalid character 'I' looking for/);
  assert.equal((await create("")).body, message("invalid JSON: got EOF while reading request body"));
  assert.equal((await create("{}")).body, message("config cannot be empty in order to create a container"));
  const html = await create("{}", { "Content-Type": "text/html" });
  assert.equal(html.status, 400);
  assert.equal(html.body, message("unsupported Content-Type header (text/html): must be 'application/json'"));
  assert.equal((await create('{"Image":"x"}', { "Content-Type": "application/json; charset=utf-8" })).status, 201);
});

Deno.test("a body beyond the limit is refused, whether its length is told or not, and nothing is done", async () => {
  await using api = await served();
  const long = JSON.stringify({ Image: "x", Cmd: ["a".repeat(5 << 20)] });
  const told = await api.request("POST", "/containers/create", undefined, {
    "Content-Type": "application/json",
    "Content-Length": `${long.length}`,
  });
  assert.equal(told.status, 400);
  assert.match(told.body, /longer than 4194304 bytes/);
  using untold = await api.connect(
    "POST /containers/create HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n" +
      `${long.length.toString(16)}\r\n`,
  );
  untold.write(long).catch(() => {}); // the server may close before it has all
  assert.match(await untold.until('bytes"}\n'), /^HTTP\/1\.1 400 /);
  assert.deepEqual(api.engine.calls, []);
});

Deno.test("an error without a class is logged as a bug, without the query, and answered by 500", async () => {
  await using api = await served();
  const reply = await api.request("GET", "/info?token=secret");
  assert.equal(reply.status, 500);
  assert.equal(api.log.length, 1);
  assert.match(api.log[0] ?? "", /^GET \/info: bug: .*TypeError: a bug/);
  assert.doesNotMatch(api.log[0] ?? "", /secret/);
});

Deno.test("a connection serves one request after the other", async () => {
  await using api = await served();
  const ask = "GET /_ping HTTP/1.1\r\nHost: x\r\n\r\n";
  using connection = await api.connect(ask + ask);
  assert.match(await connection.until("\r\n\r\nOK"), /^HTTP\/1\.1 200 OK/);
  assert.match(await connection.until("\r\n\r\nOK"), /^HTTP\/1\.1 200 OK/);
  await connection.write(ask);
  assert.match(await connection.until("\r\n\r\nOK"), /^HTTP\/1\.1 200 OK/);
});

Deno.test("load streams the body in, after 100 Continue, and answers lines of JSON", async () => {
  await using api = await served();
  const length = 8 << 20;
  using connection = await api.connect(
    `POST /images/load HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: ${length}\r\n\r\n`,
  );
  assert.match(await connection.until("\r\n\r\n"), /^HTTP\/1\.1 100 Continue/);
  await connection.write("t".repeat(length));
  const reply = await connection.rest();
  assert.match(reply, /^HTTP\/1\.1 200 OK/);
  assert.match(reply, /\{"stream":"Loaded image: x:latest\\n"\}\r\n/);
  assert.equal(api.engine.taken, length);
});

Deno.test("load takes a file by its path if it is the same for client and engine, and says so if not", async () => {
  await using api = await served();
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(path, "t".repeat(1000));
    const { dev, ino } = await Deno.stat(path);
    const load = (inode: number | null, at = path) =>
      api.request("POST", `/images/load?path=${at}&file=${dev}:${inode}`);
    assert.match((await load(ino)).body, /Loaded image: x:latest/);
    assert.equal(api.engine.taken, 1000);
    await using engine = connect(api.socket);
    await Array.fromAsync(engine.images.load({ path }));
    await Array.fromAsync(engine.images.import({ path }));
    assert.deepEqual(api.engine.takenFrom, [path, path, path], "the client has named it, too, instead of sending it");
    for (const reply of [await load(1), await load(ino, `${path}.absent`)]) {
      assert.equal(reply.status, 501);
      assert.match(reply.body, /is another file here, or none: send it/);
    }
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("load that fails before its first line answers by a status, and does not wait for the rest", async () => {
  await using api = await served();
  using connection = await api.connect(
    `POST /images/load HTTP/1.1\r\nHost: x\r\nContent-Length: ${1 << 30}\r\n\r\n\xff no tar`,
  );
  assert.match(await connection.until('tar"}\n'), /^HTTP\/1\.1 409 /);
});

Deno.test("load that fails after its first line says so in its last", async () => {
  await using api = await served();
  using connection = await api.connect(
    "POST /images/load HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 2\r\n\r\n\xfe!",
  );
  const reply = await connection.rest();
  assert.match(reply, /^HTTP\/1\.1 200 OK/);
  assert.match(reply, /\{"error":"the layer is broken","errorDetail":\{"message":"the layer is broken"\}\}\r\n/);
});

Deno.test("load ends when the client goes away in the middle", async () => {
  await using api = await served();
  const connection = await api.connect("POST /images/load HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc");
  await eventually(() => api.engine.taken === 3);
  assert.equal(api.server.active, 1);
  connection.close();
  await eventually(() => api.server.active === 0);
});

Deno.test("save streams the archive out", async () => {
  await using api = await served();
  const reply = await api.request("GET", "/images/get?names=a&names=b/c:d");
  assert.match(reply.head, /^Content-Type: application\/x-tar$/m);
  assert.match(reply.body, /a,b\/c:d/);
  assert.match((await api.request("GET", "/v1.30/images/host:5000/x/get")).body, /host:5000\/x/);
});
