import assert from "node:assert/strict";
import { alignColumns, displayWidth, ellipsis } from "./text_columns.ts";

const rows = [
  { name: "short cells get the least width", text: "a\tb\n1\t2\n", aligned: "a         b\n1         2\n" },
  { name: "a long cell widens its column", text: "a\tb\n1234567890\t2\n", aligned: "a            b\n1234567890   2\n" },
  {
    name: "the last cell is not padded",
    text: "a\tlong long long\nb\tx\n",
    aligned: "a         long long long\nb         x\n",
  },
  { name: "an empty last cell leaves the padding", text: "a\t\n", aligned: "a         \n" },
  {
    name: "a line without the column ends it",
    text: "1234567890\tb\nx\na\tb",
    aligned: "1234567890   b\nx\na         b",
  },
  { name: "wide characters take two places", text: "日本語日本\tb\nx\ty", aligned: "日本語日本   b\nx            y" },
  { name: "text without tabs stays", text: "x\n\ny", aligned: "x\n\ny" },
];

for (const { name, text, aligned } of rows) {
  Deno.test(`columns: ${name}`, () => assert.equal(alignColumns(text, { minWidth: 10, padding: 3 }), aligned));
}

for (
  const [text, places, cut] of [
    ["short", 20, "short"],
    ["exactly twenty chars", 20, "exactly twenty chars"],
    ["one more than twenty!", 20, "one more than twent…"],
    ["日本語日本語", 7, "日本語…"],
    ["日本語日本語", 6, "日本…"],
  ] as const
) {
  Deno.test(`ellipsis(${text}, ${places}) is ${cut}`, () => {
    assert.equal(ellipsis(text, places), cut);
    assert.ok(displayWidth(cut) <= places);
  });
}
