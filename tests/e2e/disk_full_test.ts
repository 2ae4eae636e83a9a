/** The disk is full: what needs room is refused with the reason, everything else goes on, and nothing is torn. */
import assert from "node:assert/strict";
import { run } from "../support/command.ts";
import { assertNoBugs, clientOf, leftovers, names, runDetached, traces } from "../support/crash.ts";
import { busyboxRoot, fixtureFolder } from "../support/fixtures.ts";
import { requires } from "../support/requires.ts";
import { Sandbox, until } from "../support/sandbox.ts";
import { SmallDisk } from "../support/small_disk.ts";

const needs = requires({ root: true, cgroup: "any", command: ["busybox", "mount", "umount", "tar"] });
const NO_SPACE = /no space left on device|disk is full/i;
const MIB = 1 << 20;

/** On `disk` lies the state; the run folder is elsewhere, as in life. */
function sandboxOn(disk: SmallDisk): Promise<Sandbox> {
  return Sandbox.open({ SAUROPOD_ROOT: `${disk.path}/root` });
}

const nothing = ["create", "--name", "new-one", "--network", "none", "busybox", "true"];

Deno.test({
  name: "import on a full disk is refused with the reason, keeps nothing, and works when there is room",
  ...needs,
  async fn() {
    await using disk = await SmallDisk.open(24 * MIB);
    await using box = await sandboxOn(disk);
    using _bugs = { [Symbol.dispose]: () => assertNoBugs(box) };
    const pid = await box.enginePid();
    const tar = `${fixtureFolder()}/large.tar`;
    const data = `${fixtureFolder()}/large`;
    await Deno.mkdir(data);
    for (let i = 0; i < 4; i++) await Deno.writeFile(`${data}/${i}`, crypto.getRandomValues(new Uint8Array(65536)));
    await Deno.writeFile(`${data}/big`, new Uint8Array(6 * MIB).fill(1));
    await run(["tar", "-cf", tar, "-C", data, "."]);
    const before = names(`${disk.path}/root/layers`).toSorted();
    for (const left of [4 * MIB, 64 << 10, 0]) {
      disk.fill(left);
      const { code, stderr } = await box.sauropod(["import", tar, "large"]);
      assert.notEqual(code, 0);
      assert.match(stderr, NO_SPACE);
      await until("nothing is left", () => names(`${disk.path}/root/staging`).length === 0);
      assert.deepEqual(names(`${disk.path}/root/layers`).toSorted(), before);
      assert.doesNotMatch(await box.ok("images"), /large/);
      disk.free();
    }
    await box.ok("import", tar, "large");
    assert.match(await box.ok("images"), /large/);
    assert.equal(await box.enginePid(), pid);
  },
});

Deno.test({
  name: "with no byte left: no new container, but stop, the end of a run, rm and a new engine work",
  ...needs,
  async fn() {
    await using disk = await SmallDisk.open(16 * MIB);
    await using box = await sandboxOn(disk);
    using _bugs = { [Symbol.dispose]: () => assertNoBugs(box) };
    const ids: string[] = [];
    {
      await using engine = clientOf(box);
      for (let i = 0; i < 8; i++) {
        ids.push(await runDetached(engine, `runs-${i}`, `trap 'exit ${i}' TERM; while :; do sleep 0.05; done`));
      }
    }
    disk.fill();
    const refused = await box.sauropod(nothing);
    assert.notEqual(refused.code, 0);
    assert.match(refused.stderr, NO_SPACE);
    assert.match((await box.sauropod(["inspect", "new-one"])).stderr, /No such/);
    assert.deepEqual(leftovers(box, ids), []);

    for (let i = 0; i < 4; i++) {
      await box.ok("stop", `runs-${i}`);
      assert.equal(await box.inspect(`runs-${i}`, "{{.State.ExitCode}}"), String(i));
      disk.fill();
    }
    await box.killEngine();
    assert.equal((await box.ok("ps", "-q")).split("\n").length, 4);
    disk.fill();
    for (let i = 4; i < 8; i++) await box.ok("rm", "-f", `runs-${i}`);
    for (const id of ids) assert.deepEqual(traces(box, id), []);
    disk.fill();
    await box.ok("rm", "runs-0", "runs-1", "runs-2", "runs-3");
    disk.free();
    await box.ok(...nothing);
    await box.ok("start", "-a", "new-one");
  },
});

Deno.test({
  name: "a log that cannot be written costs lines, not the container, and not its exit code",
  ...needs,
  async fn() {
    await using disk = await SmallDisk.open(24 * MIB);
    await using box = await sandboxOn(disk);
    using _bugs = { [Symbol.dispose]: () => assertNoBugs(box) };
    await using engine = clientOf(box);
    const script =
      "echo first; i=0; while [ $i -lt 60 ]; do seq 1 2000; sleep 0.05; i=$((i+1)); done; echo last; exit 9";
    const id = await runDetached(engine, "chatty", script);
    await until("it writes", async () => (await box.ok("logs", "--tail", "1", "chatty")) !== "");
    disk.fill();
    await until(
      "lines are dropped",
      () => /log lines are dropped/.test(Deno.readTextFileSync(`${box.folder}/run/engine.log`)),
    );
    assert.equal(await box.inspect("chatty", "{{.State.Status}}"), "running");
    assert.equal((await box.ok("logs", "chatty")).split("\n")[0], "first");
    disk.free();
    assert.equal((await engine.containers.wait(id)).StatusCode, 9);
    assert.equal(await box.ok("logs", "--tail", "1", "chatty"), "last");
    const lines = (await Deno.readTextFile(`${disk.path}/root/containers/${id}/${id}-json.log`)).trim().split("\n");
    for (const line of lines) JSON.parse(line);
  },
});

Deno.test({
  name: "a container that fills the disk itself sees that, and can be removed",
  ...needs,
  async fn() {
    await using disk = await SmallDisk.open(16 * MIB);
    await using box = await sandboxOn(disk);
    using _bugs = { [Symbol.dispose]: () => assertNoBugs(box) };
    await busyboxRoot();
    const script = "dd if=/dev/zero of=/full bs=64k 2>&1; exit 4";
    const { code, stdout } = await box.sauropod([
      "run",
      "--name",
      "glutton",
      "--network",
      "none",
      "busybox",
      "sh",
      "-c",
      script,
    ]);
    assert.equal(code, 4);
    assert.match(stdout, /No space left on device/);
    assert.equal(await box.inspect("glutton", "{{.State.Status}} {{.State.ExitCode}}"), "exited 4");
    await box.ok("rm", "glutton");
    await until("there is room", async () => (await box.sauropod(nothing)).code === 0);
  },
});
