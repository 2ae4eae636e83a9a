/** The check of the store over the API, with an engine that only pretends behind the socket. */
import assert from "node:assert/strict";
import { connect } from "../../api/client/connect.ts";
import { served } from "../../api/serve_test_support.ts";
import type { CheckProgress } from "../../base/container_engine.ts";

Deno.test("check() passes on what is wanted, and gives what the engine gives", async () => {
  await using api = await served();
  await using engine = connect(api.socket);
  assert.deepEqual(await engine.system.check(), { Checked: { images: 1 }, Problems: [] });
  await engine.system.check({ repair: true });
  assert.deepEqual(api.engine.calls, [
    'check {"repair":false,"digests":false}',
    'check {"repair":true,"digests":false}',
  ]);
});

Deno.test("check() tells how far it is, when somebody listens", async () => {
  await using api = await served();
  await using engine = connect(api.socket);
  const told: CheckProgress[] = [];
  const result = await engine.system.check({ digests: true, progress: (done) => told.push(done) });
  assert.deepEqual(result, { Checked: { images: 1 }, Problems: [] });
  assert.ok(told.length > 0 && told.every(({ total }) => total === 2), JSON.stringify(told));
});

Deno.test("a check that fails is rejected with the engine's words, before anything is told and after", async () => {
  await using api = await served();
  await using engine = connect(api.socket);
  const wrong = { repair: true, digests: true };
  await assert.rejects(engine.system.check(wrong), { class: "conflict", message: "one thing at a time" });
  await assert.rejects(engine.system.check({ ...wrong, progress: () => {} }), { message: /./ });
});
