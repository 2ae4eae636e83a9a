import assert from "node:assert/strict";
import { formatUnixTimestamp, parseDuration, parseRfc3339, parseTimestamp, parseUnixTimestamp } from "./time.ts";

const second = 1_000_000_000n;

for (
  const [text, nanoseconds] of [
    ["0", 0n],
    ["5s", 5n * second],
    ["1h30m", 5400n * second],
    ["500ms", second / 2n],
    ["-1.5h", -5400n * second],
    ["+.25s", second / 4n],
    ["1us", 1000n],
    ["2µs3ns", 2003n],
  ] as const
) Deno.test(`the duration ${text} is ${nanoseconds} ns`, () => assert.equal(parseDuration(text), nanoseconds));

for (
  const [text, message] of [
    ["", 'time: invalid duration ""'],
    ["3", 'time: missing unit in duration "3"'],
    ["3x", 'time: unknown unit "x" in duration "3x"'],
    ["s", 'time: invalid duration "s"'],
    [".s", 'time: invalid duration ".s"'],
    ["1s-1s", 'time: unknown unit "s-" in duration "1s-1s"'],
  ] as const
) {
  Deno.test(`the duration ${JSON.stringify(text)} is refused in Go's words`, () =>
    assert.throws(() => parseDuration(text), { message, class: "invalid" }));
}

const now = 1_700_000_000n * second;
for (
  const [text, expected] of [
    ["10m", now - 600n * second],
    ["-1h", now + 3600n * second],
    ["0", 0n],
    ["1136073600", 1136073600n * second],
    ["1136073600.000000001", 1136073600n * second + 1n],
    ["1136073600.5", 1136073600n * second + second / 2n],
    ["2006-01-02T15:04:05Z", 1136214245n * second],
    ["2006-01-02T15:04:05.999999999Z", 1136214245n * second + 999999999n],
    ["2006-01-02T15:04:05-07:00", 1136239445n * second],
    ["2006-01-02T15:04Z", 1136214240n * second],
    ["2006-01-02Z", 1136160000n * second],
  ] as const
) {
  Deno.test(`the moment ${text} is read`, () => assert.equal(parseTimestamp(text, now), expected));
}

Deno.test("a date without a zone is local time", () => {
  assert.equal(parseTimestamp("2006-01-02", now), BigInt(new Date(2006, 0, 2).getTime()) * 1_000_000n);
  const local = new Date(2006, 0, 2, 15, 4).getTime();
  assert.equal(parseTimestamp("2006-01-02T15:04", now), BigInt(local) * 1_000_000n);
});

for (const text of ["yesterday", "2006-13-45T00:00:00Z", "2006-01-02T15:04:05+7", ""]) {
  Deno.test(`${JSON.stringify(text)} is no moment`, () =>
    assert.throws(() => parseTimestamp(text, now), { class: "invalid" }));
}

Deno.test("a moment goes to the API and comes back whole", () => {
  for (const moment of [0n, 1n, 1136214245n * second + 999999999n]) {
    assert.equal(parseUnixTimestamp(formatUnixTimestamp(moment)), moment);
  }
  assert.equal(parseRfc3339("1970-01-01T00:00:01.000000002Z"), second + 2n);
});
