import assert from "node:assert/strict";
import type { LogOptions } from "../../base/container_engine.ts";
import { parseRfc3339 } from "../../base/time.ts";
import { agedLogFile } from "./files.ts";
import { readLog } from "./reader.ts";
import { bytes, logFile, openTestLog, readText, temporaryFolder } from "./log_test_support.ts";

const SMALL = { Type: "json-file", Config: { "max-size": "2k", "max-file": "4" } };
const LARGE = { Type: "json-file", Config: {} };
const at = (second: number) => parseRfc3339(`2026-01-02T03:04:${String(second).padStart(2, "0")}.5Z`);

Deno.test("readLog() gives the last lines, over rotated files", async () => {
  using folder = temporaryFolder();
  using log = openTestLog(folder.path, SMALL);
  const lines = Array.from({ length: 70 }, (_, i) => `line ${i} ${"y".repeat(i)}\n`);
  for (const line of lines) log.append("stdout", bytes(line));
  const kept = await readText(folder.path);
  const keptLines = kept.split(/(?<=\n)/);
  assert.equal(kept, lines.slice(-keptLines.length).join(""));
  assert(keptLines.length > 20);
  for (const tail of [0, 1, 2, 10, keptLines.length - 1, keptLines.length, 1000]) {
    assert.equal(await readText(folder.path, { tail }), tail === 0 ? "" : keptLines.slice(-tail).join(""), `${tail}`);
  }
  assert.equal(await readText(folder.path, { tail: -1 }), kept);
});

Deno.test("readLog() finds the last lines among records longer than a block", async () => {
  using folder = temporaryFolder();
  using log = openTestLog(folder.path, LARGE);
  const long = "<".repeat(200_000) + "\n"; // each `<` is six bytes in the file
  log.append("stdout", bytes(`first\n${long}last\n`));
  assert.equal(await readText(folder.path, { tail: 1 }), "last\n");
  assert.equal(await readText(folder.path, { tail: 2 }), `${long}last\n`);
  assert.equal(await readText(folder.path, { tail: 3 }), `first\n${long}last\n`);
});

Deno.test("readLog() counts a last line without a newline", async () => {
  using folder = temporaryFolder();
  const log = openTestLog(folder.path, LARGE);
  log.append("stdout", bytes("a\nb\nc"));
  log.end();
  assert.equal(await readText(folder.path, { tail: 2 }), "b\nc");
});

Deno.test("readLog() selects by stream and time, both ends included", async () => {
  using folder = temporaryFolder();
  using log = openTestLog(folder.path, LARGE);
  for (let second = 0; second < 10; second++) {
    log.append(second % 2 === 0 ? "stdout" : "stderr", bytes(`${second}\n`), at(second));
  }
  const rows: [LogOptions, string][] = [
    [{ since: at(3), until: at(5) }, "345"],
    [{ since: at(8) }, "89"],
    [{ until: at(1) }, "01"],
    [{ stdout: false }, "13579"],
    [{ stderr: false, tail: 4 }, "68"], // the tail is counted before
    [{ since: at(60 - 1) }, ""],
  ];
  for (const [options, expected] of rows) {
    assert.equal((await readText(folder.path, options)).replaceAll("\n", ""), expected);
  }
});

Deno.test("readLog() puts time and details before a line, once however long it is", async () => {
  using folder = temporaryFolder();
  using log = openTestLog(folder.path, LARGE, { attributes: { tag: "a b/c", env: "x" } });
  log.append("stdout", bytes(`${"l".repeat(40_000)}\nnext\n`), at(7));
  const stamp = "2026-01-02T03:04:07.500000000Z ";
  assert.equal(
    await readText(folder.path, { timestamps: true, details: true }),
    `${stamp}env=x,tag=a+b%2Fc ${"l".repeat(40_000)}\n${stamp}env=x,tag=a+b%2Fc next\n`,
  );
});

Deno.test("readLog() gives back every byte of UTF-8 and of control characters", async () => {
  using folder = temporaryFolder();
  using log = openTestLog(folder.path, LARGE);
  const text = '"\\\t\r\u0000\u001b[0m <&> ü\u2028€😀\n{"log":"","stream":"stderr"}\n\\n\n';
  log.append("stderr", bytes(text));
  assert.equal(await readText(folder.path), text);
});

Deno.test("readLog() passes over what is no record", async () => {
  using folder = temporaryFolder();
  Deno.writeTextFileSync(
    logFile(folder.path),
    '\0\0\0\0\n{"log":"a\\n","stream":"stdout","time":"2026-01-02T03:04:05Z"}\nnull\n{"log":"torn',
  );
  assert.equal(await readText(folder.path), "a\n");
  assert.equal(await readText(folder.path, { tail: 1 }), "a\n");
});

Deno.test("readLog() follows over rotations without loss, and ends with the process", async () => {
  using folder = temporaryFolder();
  const log = openTestLog(folder.path, SMALL);
  log.append("stdout", bytes("before\n"));
  const reading = readText(folder.path, { follow: true }, log);
  let expected = "before\n";
  for (let i = 0; i < 400; i++) {
    const line = `line ${i} ${"z".repeat(i % 50)}\n`;
    expected += line;
    log.append("stdout", bytes(line));
    if (i % 5 === 0) await new Promise((resolve) => setTimeout(resolve, 0));
  }
  assert(log.generation > 4);
  log.append("stdout", bytes("end"));
  log.end();
  assert.equal(await reading, `${expected}end`);
});

Deno.test("readLog() follows from the end with tail 0, and stops when it is aborted", async () => {
  using folder = temporaryFolder();
  using log = openTestLog(folder.path, LARGE);
  log.append("stdout", bytes("old\n"));
  const controller = new AbortController();
  const reading = readText(folder.path, { follow: true, tail: 0, signal: controller.signal }, log);
  await new Promise((resolve) => setTimeout(resolve, 0));
  log.append("stdout", bytes("new\n"));
  await new Promise((resolve) => setTimeout(resolve, 0));
  controller.abort();
  assert.equal(await reading, "new\n");
});

Deno.test("readLog() that follows ends when the time of until has come", async () => {
  using folder = temporaryFolder();
  using log = openTestLog(folder.path, LARGE);
  log.append("stdout", bytes("x\n"));
  const until = BigInt(Date.now() + 50) * 1_000_000n;
  assert.equal(await readText(folder.path, { follow: true, until }, log), "x\n");
});

Deno.test("readLog() without a writer does not follow: there is nothing to come", async () => {
  using folder = temporaryFolder();
  const log = openTestLog(folder.path, LARGE);
  log.append("stdout", bytes("x\n"));
  log.end();
  assert.equal(await readText(folder.path, { follow: true }), "x\n");
  assert.equal(await readText(`${folder.path}/absent`), "");
});

Deno.test("readLog() that is too slow loses whole lines of the oldest file, never a part of one", async () => {
  using folder = temporaryFolder();
  using log = openTestLog(folder.path, SMALL);
  log.append("stdout", bytes("first\n"));
  const frames = readLog(logFile(folder.path), {}, log)[Symbol.asyncIterator]();
  await frames.next();
  for (let i = 0; i < 500; i++) log.append("stdout", bytes(`line ${i}\n`));
  let last = "";
  for (let step = await frames.next(); !step.done; step = await frames.next()) {
    last = new TextDecoder().decode(step.value.data);
    assert.match(last, /^line \d+\n$/);
  }
  assert.equal(last, "line 499\n");
  assert.throws(() => Deno.statSync(agedLogFile(logFile(folder.path), 4)), Deno.errors.NotFound);
});
