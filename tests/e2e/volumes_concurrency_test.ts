/** Volumes that several want at once, containers that work against us, and many of them. */
import assert from "node:assert/strict";
import { attackImage } from "../support/attack_image.ts";
import { startSleeper } from "../support/containers.ts";
import { assertNoBugs, clientOf, names } from "../support/crash.ts";
import type { Sandbox } from "../support/sandbox.ts";
import { SharedSandbox } from "../support/shared_sandbox.ts";
import { volumeImage } from "../support/volume_image.ts";

const sandbox = new SharedSandbox({ command: ["busybox", "setfattr"] });
const net = ["--network", "none"];

function test(name: string, fn: (box: Sandbox) => Promise<void>): void {
  sandbox.test(name, async (box) => {
    await fn(box);
    await using engine = clientOf(box);
    for (const { Id } of await engine.containers.list({ all: true })) {
      await engine.containers.remove(Id, { force: true, volumes: true });
    }
    await engine.volumes.prune({ all: ["true"] });
    assert.deepEqual(names(`${box.folder}/root/volumes`), []);
    assertNoBugs(box);
  });
}

test("containers that are created at once with one new volume get it whole, and only one", async (box) => {
  await volumeImage(box, "filled");
  await using engine = clientOf(box);
  const request = (bind: string) => ({
    Image: "filled",
    Cmd: ["true"],
    HostConfig: { Binds: [bind], NetworkMode: "none" },
  });
  for (let round = 0; round < 5; round++) {
    const binds = [`v${round}:/data`, `v${round}:/x:nocopy`, `v${round}:/data`, `v${round}:/bin/busybox`];
    const results = await Promise.allSettled(binds.map((bind) => engine.containers.create(request(bind))));
    // A volume over a file of the image is refused; the others have it none the less.
    assert.deepEqual(results.map(({ status }) => status), ["fulfilled", "fulfilled", "fulfilled", "rejected"]);
    const data = `${box.folder}/root/volumes/v${round}/_data`;
    assert.deepEqual(names(data).sort(), ["hello", "pipe", "sub", "tool"]);
    assert.deepEqual(names(`${data}/sub`).sort(), ["deep", "hello-again", "link"]);
  }
  assert.equal((await engine.volumes.list()).length, 5);
});

test("a volume is there or not, whatever removes it while containers are created with it", async (box) => {
  await using engine = clientOf(box);
  const request = { Image: "busybox", Cmd: ["true"], HostConfig: { Binds: ["race:/data"], NetworkMode: "none" } };
  for (let round = 0; round < 20; round++) {
    const [created] = await Promise.allSettled([
      engine.containers.create(request),
      engine.volumes.remove("race", { force: true }),
      engine.volumes.prune({ all: ["true"] }),
      engine.volumes.create({ Name: "race" }),
    ]);
    assert.equal(created.status, "fulfilled");
    const { Id } = (created as PromiseFulfilledResult<{ Id: string }>).value;
    await engine.containers.start(Id);
    await engine.containers.wait(Id);
    assert.deepEqual(names(`${box.folder}/root/volumes`), ["race"]);
    await engine.containers.remove(Id);
  }
});

test("a subpath that a container swaps for a link leads nowhere but into the volume", async (box) => {
  await Deno.writeTextFile(`${box.folder}/outside`, "of the host");
  const swap = "mkdir -p /v/a /v/etc; echo inside > /v/a/passwd; echo inside > /v/etc/passwd; " +
    "while :; do mv /v/a /v/b; ln -s /etc /v/a; ln -sfn ../../../../../../../../etc /v/a; rm /v/a; mv /v/b /v/a; done";
  await box.ok("run", "-d", "--name", "swapper", ...net, "-v", "swapped:/v", "busybox", "sh", "-c", swap);
  let [mounted, refused] = [0, 0];
  for (let i = 0; i < 25; i++) {
    const mount = "type=volume,source=swapped,target=/m,volume-subpath=a";
    const { code, stdout, stderr } = await box.sauropod([
      "run",
      "--rm",
      ...net,
      "--mount",
      mount,
      "busybox",
      "cat",
      "/m/passwd",
    ]);
    if (code === 0) {
      mounted++;
      assert.equal(stdout, "inside\n");
    } else {
      refused++;
      assert.match(stderr, /cannot access path|No such file/);
    }
  }
  assert.equal(mounted + refused, 25);
});

test("a link in the image at the place of a volume leads into the container only, also for what is copied", async (box) => {
  await attackImage(box, "linked", async (root) => {
    await Deno.symlink("/../../../../../etc", `${root}/data`);
    await Deno.writeTextFile(`${root}/etc/of-the-image`, "x");
  });
  const { code, stdout } = await box.sauropod([
    "run",
    "--rm",
    ...net,
    "-v",
    "linked:/data",
    "linked",
    "ls",
    "/data",
    "/etc",
  ]);
  assert.equal(code, 0);
  assert.match(stdout, /of-the-image[^]*of-the-image/);
  assert.ok(names(`${box.folder}/root/volumes/linked/_data`).includes("of-the-image"));
  assert.ok(!names(`${box.folder}/root/volumes/linked/_data`).includes("machine-id"));
});

test("a thousand volumes: listed from memory, in order", async (box) => {
  await using engine = clientOf(box);
  for (let i = 0; i < 1000; i++) await engine.volumes.create({ Name: `many-${i}`, Labels: { i: String(i) } });
  await startSleeper(box, "user", ...net, "-v", "many-7:/x");
  const listed = await engine.volumes.list();
  assert.equal(listed.length, 1000);
  assert.deepEqual((await engine.volumes.list({ label: ["i=999"] })).map(({ Name }) => Name), ["many-999"]);
  assert.equal((await engine.volumes.list({ dangling: ["true"] })).length, 999);
  assert.match(await box.ok("volume", "ls", "-q"), /^many-0\nmany-1\nmany-2\n/);
  await box.killEngine();
  assert.equal((await box.ok("volume", "ls", "-q")).split("\n").length, 1000);
});
