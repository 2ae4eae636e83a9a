import assert from "node:assert/strict";
import { parseSignal, signalName, SIGNALS } from "./signals.ts";

Deno.test("parseSignal() takes names with and without SIG in any case, numbers and real-time signals", () => {
  const rows: [string, number][] = [["SIGKILL", 9], ["KILL", 9], ["kill", 9], ["9", 9], ["sigwinch", 28], [
    "RTMIN",
    34,
  ]];
  rows.push(["SIGRTMIN+3", 37], ["RTMAX-2", 62], ["RTMAX", 64], ["IOT", 6], ["64", 64]);
  for (const [text, number] of rows) assert.equal(parseSignal(text), number, text);
});

Deno.test("parseSignal() refuses what is no signal with Docker's sentence", () => {
  for (const text of ["", "0", "65", "-9", "SIGNOPE", "RTMIN+99", "RTMIN-1", "9x", "toString", "1.5"]) {
    assert.throws(() => parseSignal(text), { message: `Invalid signal: ${text}`, class: "invalid" }, text);
  }
});

Deno.test("signalName() names every number of the table, and parseSignal() reads it back", () => {
  for (const number of [...Object.values(SIGNALS), 35, 63]) assert.equal(parseSignal(signalName(number)), number);
  assert.equal(signalName(9), "SIGKILL");
  assert.equal(signalName(35), "SIGRTMIN+1");
  assert.equal(signalName(32), "32");
});
