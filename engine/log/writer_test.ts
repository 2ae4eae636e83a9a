import assert from "node:assert/strict";
import { parseRfc3339 } from "../../base/time.ts";
import { agedLogFile } from "./files.ts";
import { bytes, logFile, openTestLog, readText, records, temporaryFolder } from "./log_test_support.ts";

const JSON_FILE = { Type: "json-file", Config: {} };
const TIME = parseRfc3339("2026-01-02T03:04:05.120000000Z");

Deno.test("append() writes Docker's json-file records byte for byte", () => {
  using folder = temporaryFolder();
  using log = openTestLog(folder.path, JSON_FILE);
  log.append("stdout", bytes('plain\n<a href="x">&\\\t\r\n'), TIME);
  log.append("stderr", bytes("\n\u001b[1mäöü€😀\u2028\n"), TIME);
  const time = '"time":"2026-01-02T03:04:05.12Z"}\n';
  assert.equal(
    Deno.readTextFileSync(logFile(folder.path)),
    `{"log":"plain\\n","stream":"stdout",${time}` +
      `{"log":"\\u003ca href=\\"x\\"\\u003e\\u0026\\\\\\u0009\\r\\n","stream":"stdout",${time}` +
      `{"log":"\\n","stream":"stderr",${time}` +
      `{"log":"\\u001b[1mäöü€😀\\u2028\\n","stream":"stderr",${time}`,
  );
});

Deno.test("append() writes what is not UTF-8 as U+FFFD, byte by byte", () => {
  using folder = temporaryFolder();
  using log = openTestLog(folder.path, JSON_FILE);
  const rows: [string, number[], string][] = [
    ["lone continuation", [0x80], "\ufffd"],
    ["overlong", [0xc0, 0xaf], "\ufffd\ufffd"],
    ["overlong of three", [0xe0, 0x80, 0xaf], "\ufffd\ufffd\ufffd"],
    ["surrogate", [0xed, 0xa0, 0x80], "\ufffd\ufffd\ufffd"],
    ["beyond U+10FFFF", [0xf4, 0x90, 0x80, 0x80], "\ufffd\ufffd\ufffd\ufffd"],
    ["cut by the end of the line", [0xe2, 0x82], "\ufffd\ufffd"],
    ["cut by a letter", [0xe2, 0x41], "\ufffdA"],
    ["0xff and zero", [0xff, 0], "\ufffd\0"],
  ];
  for (const [, data] of rows) log.append("stdout", new Uint8Array([...data, 10]));
  assert.deepEqual(records(folder.path).map(({ log }) => log), rows.map(([, , text]) => `${text}\n`));
});

Deno.test("append() puts a line together however the pipe cut it, characters too", () => {
  using folder = temporaryFolder();
  using log = openTestLog(folder.path, JSON_FILE);
  for (const byte of bytes("grüße €\nnext")) log.append("stdout", new Uint8Array([byte]));
  log.append("stderr", bytes("other\n"));
  assert.deepEqual(records(folder.path).map(({ log }) => log), ["grüße €\n", "other\n"]);
  log.append("stdout", bytes(" line\nand "));
  log.append("stdout", bytes("one\n"));
  assert.deepEqual(records(folder.path).slice(2).map(({ log }) => log), ["next line\n", "and one\n"]);
});

Deno.test("append() splits a line of 1 MB into records of at most 16 KiB, only the last with a newline", async () => {
  using folder = temporaryFolder();
  using log = openTestLog(folder.path, JSON_FILE);
  const line = "0123456789abcde€".repeat(60_000) + "\n"; // the limit falls into a character
  const data = bytes(line);
  for (let at = 0; at < data.length; at += 65_536) log.append("stdout", data.subarray(at, at + 65_536));
  const logs = records(folder.path).map(({ log }) => log);
  assert.equal(logs.join(""), line);
  assert(logs.every((text) => bytes(text).length <= (16 << 10) + 1));
  assert.equal(logs.filter((text) => text.endsWith("\n")).length, 1);
  assert.equal(await readText(folder.path), line);
});

Deno.test("append() treats lines about as long as the limit as Docker does", () => {
  for (const length of [16383, 16384, 16385, 32768]) {
    using folder = temporaryFolder();
    using log = openTestLog(folder.path, JSON_FILE);
    log.append("stdout", bytes("x".repeat(length) + "\n"));
    const expected = length < 16384 ? [length + 1] : length < 32768 ? [16384, length - 16384 + 1] : [16384, 16384, 1];
    assert.deepEqual(records(folder.path).map(({ log }) => log.length), expected);
  }
});

Deno.test("end() writes the last line without a newline when the process left without one", () => {
  using folder = temporaryFolder();
  const log = openTestLog(folder.path, JSON_FILE);
  log.append("stdout", bytes("done\nprompt> "));
  log.append("stderr", new Uint8Array([0xe2, 0x82]));
  log.end();
  assert.deepEqual(records(folder.path).map(({ log, stream }) => [stream, log]), [
    ["stdout", "done\n"],
    ["stdout", "prompt> "],
    ["stderr", "\ufffd\ufffd"],
  ]);
  assert.deepEqual([...Deno.readDirSync(folder.path)].length, 1);
});

Deno.test("openLog() goes on with the line that an engine was killed in the middle of", () => {
  using folder = temporaryFolder();
  openTestLog(folder.path, JSON_FILE).append("stdout", bytes("one\ntw")); // never closed
  const second = openTestLog(folder.path, JSON_FILE);
  second.append("stderr", bytes("error\n12"));
  second.append("stdout", bytes("o, "));
  const third = openTestLog(folder.path, JSON_FILE);
  third.append("stdout", bytes("three\n"));
  third.end();
  assert.deepEqual(records(folder.path).map(({ log }) => log), ["one\n", "error\n", "two, three\n", "12"]);
});

Deno.test("openLog() forgets a held line that the log already has", () => {
  using folder = temporaryFolder();
  const first = openTestLog(folder.path, JSON_FILE);
  first.append("stdout", bytes("begun"));
  first.append("stdout", bytes(" and ended\n"));
  const second = openTestLog(folder.path, JSON_FILE);
  second.append("stdout", bytes("next\n"));
  assert.deepEqual(records(folder.path).map(({ log }) => log), ["begun and ended\n", "next\n"]);
});

Deno.test("openLog() cuts off a record that a crash left unfinished, however long", () => {
  for (const torn of ['{"log":"tor', `{"log":"${"x".repeat(10_000)}`]) {
    using folder = temporaryFolder();
    const log = openTestLog(folder.path, JSON_FILE);
    log.append("stdout", bytes("whole\n"));
    Deno.writeTextFileSync(logFile(folder.path), torn, { append: true });
    openTestLog(folder.path, JSON_FILE).append("stdout", bytes("next\n"));
    assert.deepEqual(records(folder.path).map(({ log }) => log), ["whole\n", "next\n"]);
  }
});

Deno.test("append() begins a new file at max-size, keeps max-file of them, and none is larger by more than a record", () => {
  using folder = temporaryFolder();
  using log = openTestLog(folder.path, { Type: "local", Config: { "max-size": "1k", "max-file": "3" } });
  const lines = Array.from({ length: 100 }, (_, i) => `line ${i} ${"x".repeat(20)}\n`);
  log.append("stdout", bytes(lines.join("")));
  const name = logFile(folder.path).slice(folder.path.length + 1);
  const files = [...Deno.readDirSync(folder.path)].map(({ name }) => name).sort();
  assert.deepEqual(files, [name, `${name}.1`, `${name}.2`]);
  for (const age of [1, 2]) {
    const { size } = Deno.statSync(agedLogFile(logFile(folder.path), age));
    assert(size >= 1000 && size < 1200, `${size}`);
  }
  assert(Deno.readTextFileSync(logFile(folder.path)).includes("line 99 "));
});

Deno.test("append() with max-file=1 begins the one file again", () => {
  using folder = temporaryFolder();
  using log = openTestLog(folder.path, { Type: "", Config: { "max-size": "300", "max-file": "1" } });
  for (let i = 0; i < 20; i++) log.append("stdout", bytes(`line ${i}\n`));
  assert.equal([...Deno.readDirSync(folder.path)].length, 1);
  assert.equal(records(folder.path).at(-1)?.log, "line 19\n");
  assert(Deno.statSync(logFile(folder.path)).size < 400);
});

Deno.test("append() adds the attributes to every record, as Go would write them", () => {
  using folder = temporaryFolder();
  using log = openTestLog(folder.path, JSON_FILE, { attributes: { b: "<2>", a: "1" } });
  log.append("stdout", bytes("x\n"), TIME);
  assert.equal(
    Deno.readTextFileSync(logFile(folder.path)),
    '{"log":"x\\n","stream":"stdout","attrs":{"a":"1","b":"\\u003c2\\u003e"},"time":"2026-01-02T03:04:05.12Z"}\n',
  );
});

Deno.test("openLog() with none keeps nothing", () => {
  using folder = temporaryFolder();
  const log = openTestLog(folder.path, { Type: "none", Config: {} });
  log.append("stdout", bytes("x\n"));
  log.end();
  assert.deepEqual([...Deno.readDirSync(folder.path)], []);
});
