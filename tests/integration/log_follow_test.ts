/** Reading a log while it is written and rotated as fast as can be. */
import assert from "node:assert/strict";
import { readLog } from "../../engine/log/reader.ts";
import { openLog } from "../../engine/log/writer.ts";

Deno.test("readers that follow get every line over a hundred rotations, the log keeps to its size", async () => {
  const folder = await Deno.makeTempDir({ prefix: "sauropod-log-" });
  const file = `${folder}/x-json.log`;
  const log = openLog(folder, file, { Type: "json-file", Config: { "max-size": "64k", "max-file": "3" } });
  const readers = Array.from({ length: 3 }, async () => {
    let next = 0;
    for await (const { data } of readLog(file, { follow: true }, log)) {
      assert.equal(new TextDecoder().decode(data), `${next} ${"x".repeat(next % 90)}\n`);
      next++;
    }
    return next;
  });
  const lines = 60_000;
  for (let i = 0; i < lines;) {
    let batch = "";
    for (const end = i + 1 + (i % 300); i < end && i < lines; i++) batch += `${i} ${"x".repeat(i % 90)}\n`;
    log.append("stdout", new TextEncoder().encode(batch));
    await new Promise((resolve) => setTimeout(resolve, 0)); // the readers' turn
  }
  log.end();
  assert.deepEqual(await Promise.all(readers), [lines, lines, lines]);
  assert(log.generation >= 100, `${log.generation}`);
  const sizes = [...Deno.readDirSync(folder)].map(({ name }) => Deno.statSync(`${folder}/${name}`).size);
  assert.equal(sizes.length, 3);
  assert(sizes.every((size) => size < 66_000));
  await Deno.remove(folder, { recursive: true });
});
