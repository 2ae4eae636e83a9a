/** Files of containers and volumes over the API: our client, with an engine that only pretends behind the socket. */
import assert from "node:assert/strict";
import { connect } from "../../api/client/connect.ts";
import { served } from "../../api/serve_test_support.ts";
import type { Bytes } from "../../base/container_engine.ts";
import type { PathStat } from "../../base/docker/archive.ts";

const text = (words: string): Bytes => new TextEncoder().encode(words);
const stat: PathStat = { name: "ä b", size: 3, mode: 0o644, mtime: "2026-01-02T03:04:05Z", linkTarget: "/z" };

Deno.test("our client does with files what the engine can do", async () => {
  await using api = await served();
  await using engine = connect(api.socket);
  const { Id } = await engine.containers.create({ Image: "busybox", Cmd: ["cat"] }, { name: "box" });
  await engine.volumes.create({ Name: "data" });
  const { files, volumes } = api.engine;
  files.there.set("box:/ä b", { stat, tar: text("tar of a file") });
  volumes.files.there.set("data:x", { stat, tar: text("tar of another") });

  assert.deepEqual(await engine.containers.statPath("box", "/ä b"), stat);
  const { tar, stat: told } = await engine.containers.getArchive(Id, "/ä b");
  assert.deepEqual([await new Response(tar).text(), told], ["tar of a file", stat]);
  assert.equal(await new Response((await engine.volumes.getArchive("data", "x")).tar).text(), "tar of another");
  const put = () => ReadableStream.from([text("one "), text("two")]);
  await engine.containers.putArchive("box", "/to", put(), { noOverwriteDirNonDir: true });
  await engine.volumes.putArchive("data", "to", put(), { copyUIDGID: true });
  const [first] = files.put, [second] = volumes.files.put;
  assert.deepEqual([first?.of, first?.path, first?.options], ["box", "/to", {
    noOverwriteDirNonDir: true,
    copyUIDGID: false,
  }]);
  assert.deepEqual([second?.of, second?.path, second?.options], ["data", "to", {
    noOverwriteDirNonDir: false,
    copyUIDGID: true,
  }]);
  assert.deepEqual([first, second].map((one) => new TextDecoder().decode(one?.tar)), ["one two", "one two"]);
  assert.deepEqual(await engine.containers.findPaths("box", "/ä b"), ["/ä b"]);
  assert.deepEqual(await engine.containers.findPaths("box", "/none"), []);
  assert.equal(await new Response(await engine.containers.export("box")).text(), "tar of box");
});

Deno.test("what is not there is not found, by HEAD, GET and PUT alike, however much was going to be sent", async () => {
  await using api = await served();
  await using engine = connect(api.socket);
  await engine.containers.create({ Image: "busybox", Cmd: ["cat"] }, { name: "box" });
  const missing = { class: "not_found" };
  await assert.rejects(engine.containers.statPath("box", "/x"), missing);
  await assert.rejects(engine.containers.getArchive("box", "/x"), missing);
  await assert.rejects(engine.containers.statPath("nobody", "/x"), missing);
  await assert.rejects(engine.containers.export("nobody"), missing);
  const much = ReadableStream.from(Array.from({ length: 64 }, () => new Uint8Array(1 << 20)));
  await assert.rejects(engine.containers.putArchive("nobody", "/x", much), { class: "not_found", message: /nobody/ });
  await assert.rejects(engine.containers.statPath("box", ""), { class: "invalid" });
  await assert.rejects(engine.containers.getArchive("box", ""), {
    class: "invalid",
    message: /'path' cannot be empty/,
  });
});
