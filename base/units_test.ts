import assert from "node:assert/strict";
import { bytesSize, humanDuration, humanSize, parseBinarySize, parseDecimalSize, significant } from "./units.ts";

for (
  const [bytes, text] of [
    [0, "0B"],
    [999, "999B"],
    [1000, "1kB"],
    [1024, "1.024kB"],
    [1e6, "1MB"],
    [1048576, "1.049MB"],
    [3.42e9, "3.42GB"],
    [5.372e12, "5.372TB"],
    [2.22e15, "2.22PB"],
    [1e26, "100YB"],
    [999999, "1000kB"],
  ] as const
) Deno.test(`humanSize(${bytes}) is ${text}`, () => assert.equal(humanSize(bytes), text));

Deno.test("humanSize() with three digits goes over to an exponent, as Go's %g does", () => {
  assert.equal(humanSize(123456, 3), "123kB");
  assert.equal(humanSize(999999, 3), "1e+03kB");
});

for (
  const [bytes, text] of [
    [0, "0B"],
    [1023, "1023B"],
    [1024, "1KiB"],
    [1.5 * 2 ** 30, "1.5GiB"],
    [4123456789, "3.84GiB"],
    [2 ** 50, "1PiB"],
  ] as const
) Deno.test(`bytesSize(${bytes}) is ${text}`, () => assert.equal(bytesSize(bytes), text));

for (
  const [value, precision, text] of [
    [0.5, 4, "0.5"],
    [0.00001234567, 4, "1.235e-05"],
    [1000, 4, "1000"],
    [12345, 4, "1.234e+04"],
    [12.125, 4, "12.12"],
    [12.135, 4, "12.13"],
    [12.375, 4, "12.38"],
    [2.5, 1, "2"],
    [-2.50, 3, "-2.5"],
  ] as const
) Deno.test(`significant(${value}, ${precision}) is ${text}`, () => assert.equal(significant(value, precision), text));

for (
  const [text, binary, decimal] of [
    ["32", 32, 32],
    ["32b", 32, 32],
    ["32k", 32768, 32000],
    ["32kb", 32768, 32000],
    ["32KiB", 32768, 32000],
    ["32 mb", 33554432, 32000000],
    ["1.5g", 1610612736, 1500000000],
    [".5m", 524288, 500000],
    ["2T", 2 * 2 ** 40, 2e12],
    ["1e3", 1000, 1000],
  ] as const
) {
  Deno.test(`the size ${text} is ${binary} or ${decimal} bytes`, () => {
    assert.equal(parseBinarySize(text), binary);
    assert.equal(parseDecimalSize(text), decimal);
  });
}

for (
  const [text, message] of [
    ["", "invalid size: ''"],
    ["hello", "invalid size: 'hello'"],
    ["-32", "invalid size: '-32'"],
    ["32.b.", 'strconv.ParseFloat: parsing "32.b.": invalid syntax'],
    ["32bx", "invalid suffix: 'bx'"],
    ["32 kibi", "invalid suffix: 'kibi'"],
    ["32e", "invalid suffix: 'e'"],
    [" 32", 'strconv.ParseFloat: parsing "": invalid syntax'],
  ] as const
) {
  Deno.test(`the size ${JSON.stringify(text)} is refused in docker's words`, () =>
    assert.throws(() => parseBinarySize(text), { message, class: "invalid" }));
}

const minute = 60, hour = 60 * minute, day = 24 * hour;
for (
  const [seconds, text] of [
    [0.45, "Less than a second"],
    [1, "1 second"],
    [45.9, "45 seconds"],
    [minute, "About a minute"],
    [3 * minute, "3 minutes"],
    [59 * minute + 59, "59 minutes"],
    [hour, "About an hour"],
    [hour + 29 * minute, "About an hour"],
    [hour + 31 * minute, "2 hours"],
    [47 * hour, "47 hours"],
    [48 * hour, "2 days"],
    [13 * day, "13 days"],
    [14 * day, "2 weeks"],
    [59 * day, "8 weeks"],
    [60 * day, "2 months"],
    [729 * day, "24 months"],
    [730 * day, "2 years"],
    [-5, "Less than a second"],
  ] as const
) Deno.test(`${seconds} seconds are: ${text}`, () => assert.equal(humanDuration(seconds), text));
