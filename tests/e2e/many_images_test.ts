/** Five hundred images, as a machine has that builds them: listed in order, found, shared, and gone. */
import assert from "node:assert/strict";
import { writeImageArchive } from "../../_tools/bench/image_archive.ts";
import { layersOf } from "../../_tools/bench/image_layers.ts";
import { names } from "../support/crash.ts";
import { fixtureFolder } from "../support/fixtures.ts";
import { until } from "../support/sandbox.ts";
import { SharedSandbox } from "../support/shared_sandbox.ts";

const count = 500;
const sandbox = new SharedSandbox({ command: ["busybox", "docker"] });

sandbox.test("500 images that share their layers are loaded, listed, found and removed", async (box) => {
  const before = names(`${box.folder}/root/layers`).length;
  const path = `${fixtureFolder()}/many.tar`;
  const layers = await layersOf({ name: "many", layers: 2, smallFiles: 4, largeFiles: 0 });
  const all = Array.from({ length: count }, (_, i) => `many/image-${i}`);
  await writeImageArchive(path, all.map((name) => ({ name: `${name}:1`, layers })));
  assert.equal((await box.ok("load", "-q", "-i", path)).split("\n").length, count);
  assert.equal(names(`${box.folder}/root/layers`).length, before + 2);

  const listed = async (...args: string[]) => (await box.ok("images", ...args)).split("\n").filter(Boolean);
  assert.deepEqual(
    (await listed("--format", "{{.Repository}}")).filter((name) => name.startsWith("many/")).sort(),
    all.toSorted(),
  );
  assert.equal(new Set(await listed("-q", "--no-trunc", "--filter", "reference=many/*")).size, count);
  assert.deepEqual(await listed("--format", "{{.Repository}}:{{.Tag}}", "many/image-321"), ["many/image-321:1"]);
  assert.deepEqual(await listed("-q", "--filter", "label=name=many/image-77:1"), await listed("-q", "many/image-77"));
  const docker = await box.docker(["images", "-q", "--no-trunc", "--filter", "reference=many/*"]);
  assert.deepEqual(
    new Set(docker.stdout.trim().split("\n")),
    new Set(await listed("-q", "--no-trunc", "--filter", "reference=many/*")),
  );

  await box.ok("rmi", ...all.map((name) => `${name}:1`));
  assert.deepEqual(await listed("-q", "--filter", "reference=many/*"), []);
  await until("their layers are gone", () => names(`${box.folder}/root/layers`).length === before);
  await box.ok("system", "check");
});
