/** The check of the store beside what goes on: what somebody is working on is no fault, and no repair takes it away. */
import assert from "node:assert/strict";
import { run } from "../support/command.ts";
import { clientOf, names } from "../support/crash.ts";
import { TestRegistry } from "../support/registry.ts";
import type { Sandbox } from "../support/sandbox.ts";
import { SharedSandbox } from "../support/shared_sandbox.ts";
import { flipByte } from "./system_check_test_support.ts";

const sandbox = new SharedSandbox({ command: ["busybox", "docker-registry"] });

const MEGABYTES = 48;

interface Deed {
  readonly name: string;
  readonly command: readonly string[];
  /** Whether it has something in staging meanwhile. */
  readonly stages?: boolean;
}

/** In this order: one needs what those before it have made. `$BOX` stands for the folder, `$REGISTRY` for the registry. */
const deeds: readonly Deed[] = [
  { name: "import", command: ["import", "-c", "VOLUME /data", "$BOX/big.tar", "$REGISTRY/big:1"], stages: true },
  { name: "push", command: ["push", "$REGISTRY/big:1"], stages: true },
  { name: "save", command: ["save", "-o", "$BOX/saved.tar", "$REGISTRY/big:1"] },
  { name: "rmi", command: ["rmi", "$REGISTRY/big:1"] },
  { name: "pull", command: ["pull", "$REGISTRY/big:1"], stages: true },
  { name: "rmi", command: ["rmi", "$REGISTRY/big:1"] },
  { name: "load", command: ["load", "-i", "$BOX/saved.tar"], stages: true },
  {
    name: "create, with a volume to be filled",
    command: ["create", "--name", "busy", "--network", "none", "-v", "full:/data", "$REGISTRY/big:1", "sh"],
  },
  { name: "cp into it", command: ["cp", "$BOX/big/data/zero", "busy:/copied"] },
  { name: "commit", command: ["commit", "busy", "committed"], stages: true },
  { name: "volume clone", command: ["volume", "clone", "full", "twin"] },
  { name: "volume export", command: ["volume", "export", "-o", "$BOX/volume.tar", "full"] },
  { name: "volume import", command: ["volume", "import", "new", "$BOX/volume.tar"] },
  { name: "volume create", command: ["volume", "create", "there"] },
  { name: "volume import, into one that is there", command: ["volume", "import", "there", "$BOX/volume.tar"] },
  { name: "rm", command: ["rm", "-v", "busy"] },
  { name: "system prune", command: ["system", "prune", "-af"] },
];

/** A root with a shell, and a file that takes a while to be packed and unpacked. */
async function bigRoot(box: Sandbox): Promise<void> {
  const root = `${box.folder}/big`;
  await Deno.mkdir(`${root}/data`, { recursive: true });
  await run(["sh", "-c", `head -c ${MEGABYTES << 20} /dev/urandom > ${root}/data/random; : > ${root}/data/zero`]);
  await run(["tar", "-cf", `${box.folder}/big.tar`, "-C", root, "."]);
}

sandbox.test("a pull brings a damaged layer in again, and leaves the others as they are", async (box) => {
  await using registry = await TestRegistry.start();
  const name = `${registry.host}/bb:1`;
  await box.ok("tag", "busybox", name);
  await box.ok("push", name);
  const { UpperDir } = JSON.parse(await box.inspect(name, "{{json .GraphDriver.Data}}"));
  flipByte(`${UpperDir}/etc/group`);
  const { code, stdout } = await box.sauropod(["system", "check", "--digests"]);
  assert.equal(code, 1);
  assert.match(stdout, /^layer-damaged: .*: pull, load or import again: .*\/bb:1/);
  assert.match(await box.ok("pull", name), /^[0-9a-f]{12}: Pull complete$/m);
  await box.ok("system", "check", "--digests");
  assert.match(await box.ok("pull", name), /^[0-9a-f]{12}: Already exists$/m);
  assert.equal(await box.ok("run", "--rm", "--network", "none", name, "head", "-n", "1", "/etc/group"), "root:x:0:");
});

sandbox.test("what is being worked on is no fault, whatever it is", async (box) => {
  await bigRoot(box);
  await using registry = await TestRegistry.start();
  await using engine = clientOf(box);
  const staging = `${box.folder}/root/staging`;
  for (const { name, command, stages = false } of deeds) {
    let [working, staged] = [true, false];
    const words = command.map((word) => word.replace("$BOX", box.folder).replace("$REGISTRY", registry.host));
    const work = box.sauropod(words).finally(() => working = false);
    while (working) {
      staged ||= names(staging).some((entry) => !entry.startsWith("trash-"));
      const { Problems } = await engine.system.check({ repair: true });
      assert.deepEqual(Problems, [], `during ${name}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const { code, stderr } = await work;
    assert.equal(code, 0, `${name}: ${stderr}`);
    assert.deepEqual((await engine.system.check({ digests: true })).Problems, [], `after ${name}`);
    if (stages) assert.ok(staged, `${name} was not seen at work`);
  }
  assert.equal((await Deno.stat(`${box.folder}/root/volumes/there/_data/random`)).size, MEGABYTES << 20);
});
