import assert from "node:assert/strict";
import { describeError } from "../../base/errors.ts";
import { copyRules, difference, makeCopyTree, treeOf } from "../../tests/support/copy_rules.ts";
import { run } from "../commands/run_test_support.ts";
import { command as cp } from "../commands/cp.ts";
import { FolderFiles } from "./folder_files_test_support.ts";

for (const direction of ["into a container", "out of a container"] as const) {
  for (const { source, destination, followLink = false, ofUnpacking = false, gives = {}, fails } of copyRules) {
    if (ofUnpacking && direction === "into a container") continue; // there it is GNU tar that unpacks
    const flags = followLink ? ["-L"] : [];
    const name = [...flags, source, destination].join(" ");
    Deno.test(`cp ${name} ${direction} ${fails === undefined ? "does as docker" : "fails as docker's"}`, async () => {
      using place = madeTree();
      const files = new FolderFiles(place.folder);
      const before = treeOf(`${place.folder}/dst`);
      const ends = [`${place.folder}/${source}`, `${place.folder}/${destination}`] as const;
      const line = direction === "into a container"
        ? [...flags, ends[0], `c:/${destination}`]
        : [...flags, `c:/${source}`, ends[1]];
      const failure = await run(cp, { containers: files }, line).then(() => undefined, describeError);
      if (fails === undefined) assert.equal(failure, undefined);
      else assert.match(failure ?? "nothing failed", fails);
      assert.deepEqual(difference(before, treeOf(`${place.folder}/dst`)), gives);
    });
  }
}

function madeTree(): Disposable & { folder: string } {
  const folder = Deno.makeTempDirSync({ prefix: "sauropod-cp-" });
  makeCopyTree(folder);
  return { folder, [Symbol.dispose]: () => Deno.removeSync(folder, { recursive: true }) };
}
