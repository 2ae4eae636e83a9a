/** Hijacked connections and followers: who closes what, and that nothing is left when a client goes. */
import assert from "node:assert/strict";
import { type Connection, eventually, type Served, served } from "../../api/serve_test_support.ts";

const UPGRADE = "Connection: Upgrade\r\nUpgrade: tcp\r\n";
const frame = (stream: number, text: string) =>
  String.fromCharCode(
    stream,
    0,
    0,
    0,
    text.length >>> 24,
    (text.length >> 16) & 255,
    text.length >> 8 & 255,
    text.length & 255,
  ) + text;

async function create(api: Served, name: string, body: Record<string, unknown>): Promise<void> {
  assert.equal((await api.request("POST", `/containers/create?name=${name}`, { Image: "x", ...body })).status, 201);
}

const attach = (
  api: Served,
  name: string,
  { version = "1.47", query = "stream=1&stdin=1&stdout=1&stderr=1", headers = UPGRADE } = {},
) => api.connect(`POST /v${version}/containers/${name}/attach?${query} HTTP/1.1\r\nHost: x\r\n${headers}\r\n`);

const start = (api: Served, name: string) => api.request("POST", `/containers/${name}/start`);

Deno.test("attach answers only when it is attached, carries input and output, and outlives the end of the input", async () => {
  await using api = await served();
  await create(api, "c", { Cmd: ["cat"] });
  using connection = await attach(api, "c");
  const head = await connection.until("\r\n\r\n");
  assert.match(head, /^HTTP\/1\.1 101 UPGRADED\r\n/);
  assert.match(head, /Content-Type: application\/vnd\.docker\.multiplexed-stream\r\n/);
  assert.match(head, /Upgrade: tcp\r\n/);
  await start(api, "c");
  await connection.write("one");
  assert.equal(await connection.until("one"), frame(1, "one"));
  await connection.write("two");
  await connection.closeWrite();
  assert.equal(await connection.rest(), frame(1, "two"));
  assert.equal(api.engine.attached, 0);
});

Deno.test("the client's half-close does not end the output", async () => {
  await using api = await served();
  await create(api, "c", { Cmd: ["sleep"] });
  using connection = await attach(api, "c");
  await connection.until("\r\n\r\n");
  await connection.closeWrite();
  await start(api, "c");
  const { process } = api.engine.find("c");
  process.print("stderr", new TextEncoder().encode("later"));
  assert.equal(await connection.until("later"), frame(2, "later"));
  process.end(0);
  assert.equal(await connection.rest(), "");
});

Deno.test("with a terminal, and before 1.42, the stream is called raw; only with a terminal it is", async () => {
  await using api = await served();
  await create(api, "tty", { Cmd: ["echo", "hi"], Tty: true });
  using tty = await attach(api, "tty");
  assert.match(await tty.until("\r\n\r\n"), /vnd\.docker\.raw-stream/);
  await start(api, "tty");
  assert.equal(await tty.rest(), "hi\n");
  await create(api, "old", { Cmd: ["echo", "hi"] });
  using old = await attach(api, "old", { version: "1.41" });
  assert.match(await old.until("\r\n\r\n"), /vnd\.docker\.raw-stream/);
  await start(api, "old");
  assert.equal(await old.rest(), frame(1, "hi\n"));
});

Deno.test("a client that does not ask for the upgrade gets 200 and the same stream", async () => {
  await using api = await served();
  await create(api, "c", { Cmd: ["cat"] });
  using connection = await attach(api, "c", {
    headers: "Content-Type: application/json\r\nContent-Length: 2\r\n",
  });
  await connection.write("{}");
  assert.match(await connection.until("\r\n\r\n"), /^HTTP\/1\.1 200 OK\r\n/);
  await start(api, "c");
  await connection.write("in");
  assert.equal(await connection.until("in"), frame(1, "in"));
  await connection.closeWrite();
  assert.equal(await connection.rest(), "");
});

Deno.test("attach to nothing is a 404, also for a client that asks for the upgrade", async () => {
  await using api = await served();
  using connection = await attach(api, "none");
  assert.match(await connection.until("}\n"), /^HTTP\/1\.1 404 [^]*\{"message":"No such container: none"\}/);
});

Deno.test("a client that goes away is released, even while nothing is written", async () => {
  await using api = await served();
  await create(api, "c", { Cmd: ["sleep"] });
  await start(api, "c");
  const connections: Connection[] = [];
  for (let i = 0; i < 20; i++) connections.push(await attach(api, "c"));
  for (const connection of connections) await connection.until("\r\n\r\n");
  assert.equal(api.engine.attached, 20);
  for (const connection of connections) connection.close();
  await eventually(() => api.engine.attached === 0 && api.server.active === 0);
  assert.equal(api.engine.find("c").process.readers.size, 0);
});

Deno.test("a client that does not read holds the output back", async () => {
  await using api = await served();
  await create(api, "c", { Cmd: ["flood", "8"] });
  using connection = await attach(api, "c", { query: "stream=1&stdout=1" });
  await connection.until("\r\n\r\n");
  const { process } = api.engine.find("c");
  const [reader] = process.readers;
  await start(api, "c");
  await new Promise((done) => setTimeout(done, 100));
  assert.ok((reader?.length ?? 0) > 50, `only ${reader?.length} of 128 frames are left`);
  assert.equal((await connection.rest()).length, 128 * (65536 + 8));
});

Deno.test("exec carries both ways, and says on the stream why a command could not be started", async () => {
  await using api = await served();
  await create(api, "c", { Cmd: ["sleep"] });
  const exec = async (body: Record<string, unknown>) =>
    JSON.parse((await api.request("POST", "/containers/c/exec", body)).body).Id as string;
  const startExec = (id: string) => {
    const body = '{"Detach":false,"Tty":false}';
    return api.connect(
      `POST /exec/${id}/start HTTP/1.1\r\nHost: x\r\n${UPGRADE}Content-Type: application/json\r\n` +
        `Content-Length: ${body.length}\r\n\r\n${body}`,
    );
  };
  using cat = await startExec(await exec({ Cmd: ["cat"], AttachStdin: true, AttachStdout: true }));
  assert.match(await cat.until("\r\n\r\n"), /^HTTP\/1\.1 101 UPGRADED/);
  await cat.write("data");
  await cat.closeWrite();
  assert.equal(await cat.rest(), frame(1, "data"));
  using absent = await startExec(await exec({ Cmd: ["absent"] }));
  assert.match(await absent.rest(), /101 UPGRADED[^]*executable file not found in \$PATH\r\n$/);
  using none = await startExec("none");
  assert.match(await none.until("}\n"), /^HTTP\/1\.1 404 /);
  const detached = await api.request("POST", `/exec/${await exec({ Cmd: ["sleep"] })}/start`, { Detach: true });
  assert.equal(detached.status, 200);
});

Deno.test("wait sends its headers when the waiter is in place, and the result when there is one", async () => {
  await using api = await served();
  await create(api, "c", { Cmd: ["both"] });
  using wait = await api.connect("POST /containers/c/wait?condition=next-exit HTTP/1.1\r\nHost: x\r\n\r\n");
  assert.match(await wait.until("\r\n\r\n"), /^HTTP\/1\.1 200 OK/);
  assert.deepEqual(api.engine.calls, ["create", "wait"]);
  await start(api, "c");
  assert.match(await wait.until("}\n"), /\{"StatusCode":3\}\n$/);
  assert.equal((await api.request("POST", "/containers/none/wait")).status, 404);
});

Deno.test("a follower of logs or events gets its headers at once, and is forgotten when it goes", async () => {
  await using api = await served();
  await create(api, "c", { Cmd: ["sleep"] });
  await start(api, "c");
  using logs = await api.connect("GET /containers/c/logs?follow=1&stdout=1 HTTP/1.1\r\nHost: x\r\n\r\n");
  using events = await api.connect("GET /events HTTP/1.1\r\nHost: x\r\n\r\n");
  await logs.until("\r\n\r\n");
  assert.match(await events.until("\r\n\r\n"), /Content-Type: application\/json/);
  const { process } = api.engine.find("c");
  process.print("stdout", new TextEncoder().encode("line\n"));
  assert.ok((await logs.until("line\n")).endsWith(frame(1, "line\n")));
  api.engine.emit("die", api.engine.find("c"));
  assert.match(await events.until("}\r\n"), /"Action":"die"/);
  assert.deepEqual([process.readers.size, api.engine.followers.size, api.server.active], [1, 1, 2]);
  logs.close();
  events.close();
  await eventually(() => api.server.active === 0);
  assert.deepEqual([process.readers.size, api.engine.followers.size], [0, 0]);
});

Deno.test("close() ends followers and attached clients and takes the socket away", async () => {
  const api = await served();
  await create(api, "c", { Cmd: ["sleep"] });
  await start(api, "c");
  using attached = await attach(api, "c");
  using events = await api.connect("GET /events HTTP/1.1\r\nHost: x\r\n\r\n");
  await attached.until("\r\n\r\n");
  await events.until("\r\n\r\n");
  await api.server.close();
  await assert.rejects(Deno.lstat(api.socket), Deno.errors.NotFound);
  await attached.rest();
  await events.rest();
  assert.equal(api.engine.attached, 0);
  await api[Symbol.asyncDispose]();
});
