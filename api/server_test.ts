import assert from "node:assert/strict";
import { served } from "./serve_test_support.ts";

const put = (path: string) => `PUT /v1.47/containers/none/archive?path=${path} HTTP/1.1\r\nHost: x\r\n`;
const later = () => new Promise((resolve) => setTimeout(resolve, 20));

Deno.test("a request that has failed is answered after its body, so that nobody who sends one sees a broken pipe", async () => {
  await using api = await served();
  using connection = await api.connect(`${put("/x")}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n`);
  for (let i = 0; i < 3; i++) {
    await later();
    await connection.write("5\r\nhello\r\n");
  }
  await connection.write("0\r\n\r\n");
  assert.match(await connection.until("\n"), /^HTTP\/1.1 404 /);
});

Deno.test("who announces a body and sends none is answered all the same, and so is who sends without end", async () => {
  await using api = await served();
  using silent = await api.connect(`${put("/x")}Content-Length: 10\r\n\r\n`);
  assert.match(await silent.rest(), /^HTTP\/1.1 404 [^]*Connection: close\r\n[^]*No such container: none/i);
  using endless = await api.connect(`${put("/x")}Content-Length: 100000000\r\n\r\n`);
  await endless.write("x".repeat(400_000)).catch(() => {});
  assert.match(await endless.until("\n"), /^HTTP\/1.1 404 /);
});

Deno.test("a client that goes away within a body is no bug of the engine's", async () => {
  await using api = await served();
  await api.engine.containers.create({ Image: "x" }, { name: "none" });
  using connection = await api.connect(`${put("/x")}Content-Length: 10\r\n\r\nhello`);
  await later();
  connection.close();
  await later();
  assert.deepEqual(api.log.filter((line) => /bug/.test(line)), []);
});
