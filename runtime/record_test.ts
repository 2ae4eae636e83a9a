import assert from "node:assert/strict";
import { parseRecord, readRecord } from "./keeper.ts";

/** The words of a record: pid, wait status, seconds, nanoseconds. */
function record(...words: (number | bigint)[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new BigUint64Array(words.map(BigInt)).buffer);
}

const records = [
  { name: "nothing of an empty file", bytes: record(), means: {} },
  { name: "nothing of half a pid", bytes: record(4711).subarray(0, 5), means: {} },
  { name: "the pid while the process runs", bytes: record(4711), means: { pid: 4711 } },
  { name: "the pid alone when the end is cut short", bytes: record(4711, 0, 1).subarray(0, 31), means: { pid: 4711 } },
  {
    name: "a code and the time",
    bytes: record(4711, 42 << 8, 1_700_000_000, 5),
    means: { pid: 4711, end: { status: { code: 42 }, exitCode: 42, finishedAt: 1_700_000_000_000_000_005n } },
  },
  {
    name: "a signal as 128 and its number",
    bytes: record(4711, 9, 1_700_000_000, 0),
    means: { pid: 4711, end: { status: { signal: 9 }, exitCode: 137, finishedAt: 1_700_000_000_000_000_000n } },
  },
  { name: "nothing of garbage", bytes: new Uint8Array(32).fill(0xff), means: {} },
  { name: "nothing of zeros, which a file system leaves after a crash", bytes: new Uint8Array(32), means: {} },
  { name: "no end without a time", bytes: record(4711, 0, 0, 0), means: { pid: 4711 } },
  {
    name: "no end of a process that is only stopped",
    bytes: record(4711, 0x137f, 1_700_000_000, 0),
    means: { pid: 4711 },
  },
];
for (const { name, bytes, means } of records) {
  Deno.test(`parseRecord() reads ${name}`, () => assert.deepEqual(parseRecord(bytes), means));
}

Deno.test("readRecord() reads nothing of a file that is not there", () => {
  assert.deepEqual(readRecord("/no/such/record"), {});
});

Deno.test("readRecord() reads a file", async () => {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeFile(path, record(12, 0, 1, 0));
    assert.equal(readRecord(path).end?.exitCode, 0);
  } finally {
    await Deno.remove(path);
  }
});
