/** Volumes over the API: our client and docker's own command, with an engine that only pretends behind the socket. */
import assert from "node:assert/strict";
import { connect } from "../../api/client/connect.ts";
import { served } from "../../api/serve_test_support.ts";
import type { Bytes } from "../../base/container_engine.ts";
import { output } from "../support/command.ts";
import { findCommand } from "../support/machine.ts";
import { requires } from "../support/requires.ts";

const text = (words: string): Bytes => new TextEncoder().encode(words);

Deno.test("our client does with volumes what the engine can do", async () => {
  await using api = await served();
  await using engine = connect(api.socket);
  const { volumes } = engine;
  const config = { Name: "data", Driver: "local", DriverOpts: { type: "tmpfs" }, Labels: { a: "b" } };
  assert.equal((await volumes.create(config)).Name, "data");
  assert.deepEqual(api.engine.volumes.created, [config]);
  assert.deepEqual((await volumes.inspect("data")).UsageData, undefined);
  assert.deepEqual((await volumes.inspect("data", { size: true })).UsageData, { RefCount: 0, Size: 1 });
  assert.deepEqual((await volumes.list({ label: ["a=b"], dangling: ["true"] })).map(({ Name }) => Name), ["data"]);
  assert.deepEqual(api.engine.volumes.asked, { label: ["a=b"], dangling: ["true"] });
  assert.deepEqual((await volumes.clone("data", "twin")).Labels, { a: "b" });
  await volumes.rename("twin", "other");
  await assert.rejects(volumes.inspect("twin"), { class: "not_found", message: "get twin: no such volume" });
  let tar = "";
  for await (const bytes of await volumes.export("other")) tar += new TextDecoder().decode(bytes);
  assert.equal(tar, "tar of other");
  await volumes.import("other", ReadableStream.from([text("one "), text("two")]));
  assert.equal(api.engine.volumes.imported.get("other"), "one two");
  await volumes.remove("other");
  await volumes.remove("other", { force: true });
  await assert.rejects(volumes.remove("other"), { class: "not_found" });
  await assert.rejects(volumes.remove("used"), { class: "conflict", message: /volume is in use - \[abc\]/ });
  assert.deepEqual(await volumes.prune({ all: ["true"] }, { dryRun: true }), {
    VolumesDeleted: ["data"],
    SpaceReclaimed: 1234,
  });
  assert.deepEqual(api.engine.volumes.asked, { filters: { all: ["true"] }, dryRun: true, without: [] });
  const without = Array.from({ length: 1000 }, (_, i) => `${i}`.padStart(64, "0")); // too many for a path
  await volumes.prune({}, { dryRun: true, without });
  assert.deepEqual(api.engine.volumes.asked, { filters: {}, dryRun: true, without });
  await assert.rejects(volumes.inspect(""), { class: "invalid" });
});

Deno.test({
  name: "docker's own command makes, shows and removes volumes",
  ...requires({ command: "docker" }),
  async fn() {
    await using api = await served();
    const env = { DOCKER_HOST: `unix://${api.socket}` };
    const docker = async (...args: string[]) => {
      const { code, stdout, stderr } = await output([findCommand("docker") ?? "docker", ...args], { env });
      assert.equal(code, 0, stderr);
      return stdout;
    };
    await docker("volume", "create", "-o", "type=tmpfs", "-o", "device=tmpfs", "--label", "a=b", "data");
    const [created] = api.engine.volumes.created;
    assert.deepEqual([created?.DriverOpts, created?.Labels], [{ type: "tmpfs", device: "tmpfs" }, { a: "b" }]);
    assert.equal(await docker("volume", "ls"), "DRIVER    VOLUME NAME\nlocal     data\n");
    assert.equal(await docker("volume", "inspect", "-f", "{{.Mountpoint}}", "data"), "/volumes/data/_data\n");
    assert.match(await docker("volume", "prune", "-f"), /Deleted Volumes:\ndata\n\nTotal reclaimed space: 1\.234kB/);
    await docker("volume", "rm", "data");
  },
});

Deno.test("a client of before 1.42 prunes volumes with a name, too", async () => {
  await using api = await served();
  for (const [version, all] of [["1.41", { all: ["true"] }], ["1.42", {}]] as const) {
    await api.request("POST", `/v${version}/volumes/prune`);
    assert.deepEqual(api.engine.volumes.asked, { filters: all });
  }
});

Deno.test("a dry run has a path of its own, so that no engine takes it for the prune", async () => {
  await using api = await served();
  await using engine = connect(api.socket);
  await engine.networks.create({ Name: "idle" });
  for (const kind of ["containers", "images", "networks", "volumes"] as const) {
    const { status } = await api.request("POST", `/v1.47/${kind}/prune/dry-run`, { Without: "x" });
    assert.equal(status, 400, kind);
  }
  await engine.networks.prune({ label: ["x"] }, { dryRun: true, without: ["abc"] });
  assert.deepEqual(api.engine.networks.filters, { label: ["x"] });
});
