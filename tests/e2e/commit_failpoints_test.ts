/**
 * The engine fails, or is killed, at each step of a commit and of a pause (base/failpoint.ts): the image is there, whole,
 * or it is not; nothing is left of it then; the container goes on, unless it was paused before; and the next try gets through.
 */
import assert from "node:assert/strict";
import { assertNoBugs, assertNoLeftovers, assertStoreWhole, engineLog, failAt, names } from "../support/crash.ts";
import { requires } from "../support/requires.ts";
import { Sandbox, until } from "../support/sandbox.ts";

const COUNTER = "echo made > /made; i=0; while :; do echo $i; i=$((i+1)); sleep 0.02; done";
const needs = requires({ root: true, cgroup: "any", command: "busybox" });

const status = (box: Sandbox) => box.inspect("victim", "{{.State.Status}}");
const layers = (box: Sandbox) => names(`${box.folder}/root/layers`).length;
const lines = async (box: Sandbox) => (await box.ok("logs", "victim")).split("\n").length;

async function assertGoesOn(box: Sandbox): Promise<void> {
  assert.equal(await status(box), "running");
  const before = await lines(box);
  await until("it counts", async () => await lines(box) > before);
}

async function assertStands(box: Sandbox): Promise<void> {
  assert.equal(await status(box), "paused");
  const before = await lines(box);
  await new Promise((resolve) => setTimeout(resolve, 200));
  assert.equal(await lines(box), before);
}

const points = [
  "pause.frozen",
  "commit.paused",
  "layer.skeleton",
  "layer.folder",
  "commit.layer",
  "commit.image",
  "pause.thawed",
];

Deno.test({
  name: "commit: an image or none, and a container that goes on, wherever the engine fails or dies",
  ...needs,
  async fn(t) {
    await using box = await Sandbox.open();
    await box.ok("run", "-d", "--name", "victim", "--network", "none", "busybox", "sh", "-c", COUNTER);
    await until("it counts", async () => await lines(box) > 3);
    await box.ok("tag", "busybox", "name:1");
    const [before, old] = [layers(box), await box.inspect("name:1", "{{.Id}}")];
    for (const point of points) {
      // What fails after the thaw is the database, and unpause is there for that.
      for (const mode of point === "pause.thawed" ? ["kill"] as const : ["error", "kill"] as const) {
        const done = await t.step(`${point}: ${mode}`, async () => {
          await failAt(box, ["commit", "victim", "name:1"], point, mode);
          await assertGoesOn(box);
          assert.equal(await box.inspect("name:1", "{{.Id}}"), old);
          assert.equal(layers(box), before);
          await assertNoLeftovers(box);
          await assertStoreWhole(box);
          await box.ok("commit", "victim", "again:1");
          assert.equal(await box.ok("run", "--rm", "--network", "none", "again:1", "cat", "/made"), "made");
          await box.ok("rmi", "again:1");
          await assertGoesOn(box);
          assert.equal(layers(box), before);
        });
        if (!done) console.error(engineLog(box));
      }
    }
    assertNoBugs(box);
  },
});

Deno.test({
  name: "pause and unpause: frozen is what is shown as paused, wherever the engine fails or dies",
  ...needs,
  async fn(t) {
    await using box = await Sandbox.open();
    await box.ok("run", "-d", "--name", "victim", "--network", "none", "busybox", "sh", "-c", COUNTER);
    for (const mode of ["error", "kill"] as const) {
      await t.step(`pause.frozen: ${mode}`, async () => {
        await failAt(box, ["pause", "victim"], "pause.frozen", mode);
        await assertGoesOn(box);
        await box.ok("pause", "victim");
        await assertStands(box);
      });
      await t.step(`commit of what is paused: ${mode}`, async () => {
        await failAt(box, ["commit", "victim"], "commit.paused", mode);
        await assertStands(box);
      });
      await t.step(`pause.thawed: ${mode}`, async () => {
        await failAt(box, ["unpause", "victim"], "pause.thawed", mode);
        if (mode === "kill") await assertStands(box);
        else assert.equal(await status(box), "paused");
        await box.ok("unpause", "victim");
        await assertGoesOn(box);
      });
    }
    assertNoBugs(box);
  },
});
