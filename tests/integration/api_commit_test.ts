/** A commit over the API: our client, docker's own command, and a configuration as docker-py sends it. */
import assert from "node:assert/strict";
import { connect } from "../../api/client/connect.ts";
import { served } from "../../api/serve_test_support.ts";
import { output } from "../support/command.ts";
import { findCommand } from "../support/machine.ts";
import { requires } from "../support/requires.ts";

/** What the pretended engine was asked, which it answers with. */
function asked(id: string): Record<string, unknown> {
  const { signal: _, ...options } = JSON.parse(id.slice(id.indexOf("{")));
  return options;
}

Deno.test("our client tells of a commit all that can be said", async () => {
  await using api = await served();
  await using engine = connect(api.socket);
  const { Id } = await engine.containers.create({ Image: "image", Cmd: ["true"] }, { name: "box" });
  const options = {
    reference: "example.org:5000/a/b:1",
    author: "John <j@example.org>",
    comment: "why & how",
    changes: ['CMD ["x"]', "ENV a=b c=d"],
    pause: false,
    config: { Env: ["A=1"], Labels: { a: "b" } },
  };
  assert.deepEqual(asked((await engine.containers.commit(Id, options)).Id), options);
  assert.deepEqual(asked((await engine.containers.commit("box")).Id), { changes: [], pause: true });
  await assert.rejects(engine.containers.commit("nope"), { class: "not_found" });
  const stop = AbortSignal.abort(new Error("not any more"));
  await assert.rejects(engine.containers.commit("box", { signal: stop }), { message: "not any more" });
});

Deno.test("a commit takes a configuration in the body, and refuses what is none", async () => {
  await using api = await served();
  await using engine = connect(api.socket);
  await engine.containers.create({ Image: "image", Cmd: ["true"] }, { name: "box" });
  const post = async (body: unknown) => {
    const { status, body: answer } = await api.request("POST", "/v1.41/commit?container=box&repo=a&tag=b", body);
    return { status, body: JSON.parse(answer) };
  };
  const given = await post({ cmd: "one", Tty: null, Volumes: { "/v": {} }, Unknown: 1 });
  assert.equal(given.status, 201);
  assert.deepEqual(asked(given.body.Id), {
    reference: "a:b",
    changes: [],
    pause: true,
    config: { Cmd: ["one"], Volumes: { "/v": {} } },
  });
  assert.equal(asked((await post(null)).body.Id)["config"], undefined);
  const wrong = await post({ Env: "A=1" });
  assert.equal(wrong.status, 400);
  assert.match(wrong.body.message, /cannot unmarshal string into Go struct field Config\.Env/);
});

Deno.test({
  name: "docker's own command commits",
  ...requires({ command: "docker" }),
  async fn() {
    await using api = await served();
    await using engine = connect(api.socket);
    await engine.containers.create({ Image: "image", Cmd: ["true"] }, { name: "box" });
    const env = { DOCKER_HOST: `unix://${api.socket}` };
    const line = ["commit", "-a", "me", "-m", "why", "-c", "CMD sh", "-c", "ENV a=b", "-p=false", "box", "repo/name:1"];
    const { code, stdout, stderr } = await output([findCommand("docker") ?? "docker", ...line], { env });
    assert.equal(code, 0, stderr);
    assert.deepEqual(asked(stdout), {
      reference: "docker.io/repo/name:1", // it writes names out
      author: "me",
      comment: "why",
      changes: ["CMD sh", "ENV a=b"],
      pause: false,
    });
  },
});
