import assert from "node:assert/strict";
import { swapped } from "./user_namespace.ts";

const last = 4294967294;
for (
  const { name, pair, map } of [
    {
      name: "two ids",
      pair: [10, 1000],
      map: [[0, 0, 10], [10, 1000, 1], [11, 11, 989], [1000, 10, 1], [1001, 1001, last - 1000]],
    },
    { name: "them the other way round", pair: [1, 0], map: [[0, 1, 1], [1, 0, 1], [2, 2, last - 1]] },
    { name: "one with itself", pair: [7, 7], map: [[0, 0, last + 1]] },
    { name: "the last", pair: [last - 1, last], map: [[0, 0, last - 1], [last - 1, last, 1], [last, last - 1, 1]] },
  ] as const
) {
  Deno.test(`swapped() swaps ${name}, and keeps all others`, () => {
    assert.deepEqual(swapped(pair[0], pair[1]), map);
    assert.equal(swapped(pair[0], pair[1]).reduce((sum, [, , count]) => sum + count, 0), last + 1);
  });
}
