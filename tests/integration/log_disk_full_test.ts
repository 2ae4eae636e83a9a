/** The log on a disk that is full (threats.md, fault 6): lines are lost and counted, the container and the rest go on. */
import assert from "node:assert/strict";
import { readLog } from "../../engine/log/reader.ts";
import { openLog } from "../../engine/log/writer.ts";
import { run } from "../support/command.ts";
import { requires } from "../support/requires.ts";

const LARGE = { Type: "json-file", Config: {} };
const bytes = (text: string) => new TextEncoder().encode(text);

/** A file system of so many bytes that goes with the test. */
async function smallDisk(size: number): Promise<{ path: string } & AsyncDisposable> {
  const path = await Deno.makeTempDir({ prefix: "sauropod-disk-" });
  await run(["mount", "-t", "tmpfs", "-o", `size=${size}`, "sauropod-test", path]);
  return {
    path,
    async [Symbol.asyncDispose]() {
      await run(["umount", path]);
      await Deno.remove(path);
    },
  };
}

async function logged(file: string): Promise<string[]> {
  let text = "";
  for await (const { data } of readLog(file, {})) text += new TextDecoder().decode(data);
  return text.split("\n").filter(Boolean);
}

Deno.test({
  name: "a full disk costs log lines, is reported once, and when there is room again the log goes on",
  ...requires({ root: true, command: ["mount", "umount"] }),
  async fn() {
    await using disk = await smallDisk(256 << 10);
    const file = `${disk.path}/x-json.log`;
    const ballast = `${disk.path}/ballast`;
    Deno.writeFileSync(ballast, new Uint8Array(128 << 10));
    const reports: string[] = [];
    using log = openLog(disk.path, file, LARGE, { report: (message) => reports.push(message) });
    const lines = Array.from({ length: 4000 }, (_, i) => `line ${i}`);
    // All at one time: a record with a shorter one would still fit where the record before it did not.
    const time = 1_700_000_000_123_456_789n;
    for (const line of lines) log.append("stdout", bytes(`${line}\n`), time);
    const kept = await logged(file);
    assert(kept.length > 500 && log.dropped === lines.length - kept.length, `${kept.length} and ${log.dropped}`);
    assert.deepEqual(kept, lines.slice(0, kept.length));
    assert.equal(reports.length, 1);
    assert.match(
      reports[0] ?? "",
      /x-json\.log cannot be written: write descriptor \d+: ENOSPC, no space left on device/,
    );

    Deno.removeSync(ballast);
    log.append("stderr", bytes("again\nand a last one"));
    log.end();
    assert.deepEqual(await logged(file), [...kept, "again", "and a last one"]);
    assert.match(
      reports[1] ?? "",
      new RegExp(`can be written again; ${lines.length - kept.length} lines have been dropped`),
    );
    assert.equal(reports.length, 2);
  },
});

Deno.test({
  name: "a batch that does not fit is kept as far as whole records fit",
  ...requires({ root: true, command: ["mount", "umount"] }),
  async fn() {
    await using disk = await smallDisk(64 << 10);
    const file = `${disk.path}/x-json.log`;
    using log = openLog(disk.path, file, LARGE);
    const lines = Array.from({ length: 2000 }, (_, i) => `line ${i}`);
    log.append("stdout", bytes(lines.join("\n") + "\n"));
    const kept = await logged(file);
    assert(kept.length > 100 && kept.length + log.dropped === lines.length);
    assert.deepEqual(kept, lines.slice(0, kept.length));
    assert(Deno.readTextFileSync(file).endsWith('"}\n'));
  },
});

Deno.test({
  name: "a rotation on a full disk goes on with the same log",
  ...requires({ root: true, command: ["mount", "umount"] }),
  async fn() {
    await using disk = await smallDisk(128 << 10);
    const file = `${disk.path}/x-json.log`;
    const small = { Type: "json-file", Config: { "max-size": "16k", "max-file": "2" } };
    Deno.writeFileSync(`${disk.path}/ballast`, new Uint8Array(104 << 10)); // one file fits, and half of another
    using log = openLog(disk.path, file, small);
    for (let i = 0; i < 3000; i++) log.append("stdout", bytes(`line ${i}\n`));
    assert(log.dropped > 0 && log.generation > 0);
    Deno.removeSync(`${disk.path}/ballast`);
    for (let i = 0; i < 3000; i++) log.append("stdout", bytes(`more ${i}\n`));
    const kept = await logged(file);
    const first = kept.findIndex((line) => line.startsWith("more"));
    assert.equal(kept.at(-1), "more 2999");
    kept.slice(first).forEach((line, i, rest) => assert.equal(line, `more ${3000 - rest.length + i}`));
  },
});
