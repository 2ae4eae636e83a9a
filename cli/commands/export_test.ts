import assert from "node:assert/strict";
import type { Bytes } from "../../base/container_engine.ts";
import { notFound } from "../../base/errors.ts";
import { command as exportCommand } from "./export.ts";
import { run } from "./run_test_support.ts";

const bytes = new TextEncoder().encode("the tar");
const containers = {
  export: (id: string): Promise<ReadableStream<Bytes>> =>
    id === "none"
      ? Promise.reject(notFound("No such container: none"))
      : Promise.resolve(ReadableStream.from([bytes, bytes])),
};

Deno.test("export prints the archive, but not on a terminal", async () => {
  assert.equal((await run(exportCommand, { containers }, ["c"])).stdout, "the tarthe tar");
  await assert.rejects(run(exportCommand, { containers }, ["c"], { terminal: true }), {
    message: "cowardly refusing to save to a terminal. Use the -o flag or redirect",
  });
});

Deno.test("export -o writes a file when it has all of it, and none when there is no such container", async () => {
  const folder = await Deno.makeTempDir({ prefix: "sauropod-export-" });
  try {
    await run(exportCommand, { containers }, ["-o", `${folder}/x.tar`, "c"], { terminal: true });
    assert.equal(await Deno.readTextFile(`${folder}/x.tar`), "the tarthe tar");
    await assert.rejects(run(exportCommand, { containers }, ["-o", `${folder}/y.tar`, "none"]), /No such container/);
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["x.tar"]);
    await assert.rejects(run(exportCommand, { containers }, ["-o", `${folder}/no/y.tar`, "c"]), {
      message: `failed to export container: invalid output path: directory "${folder}/no" does not exist`,
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
