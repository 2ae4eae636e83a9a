import { type FilterGraph, type FilterNode, TEST } from "./bpf.ts";

/** What is done for numbers from `from` on, up to the next entry. */
export interface SearchEntry {
  readonly from: number;
  readonly leaf: FilterNode;
}

/** As many tests for single numbers in a row are shorter, and hardly slower, than a deeper tree. */
const MAX_SINGLES = 3;

/**
 * The nodes that find the entry for the number in the accumulator. The entries ascend; the first is taken to reach
 * down to 0 and the last up to the end. A binary search, except that a few single numbers which interrupt one and the
 * same leaf (a forbidden call in the middle of allowed ones) are tested by name, which takes half the comparisons.
 */
export function searchTree(graph: FilterGraph, entries: readonly SearchEntry[]): FilterNode {
  return searchBelow(graph, entries, Infinity);
}

function searchBelow(graph: FilterGraph, entries: readonly SearchEntry[], end: number): FilterNode {
  const [first, second] = entries;
  if (first === undefined) throw new RangeError("a search tree needs at least one entry");
  for (const background of new Set([first.leaf, second?.leaf ?? first.leaf])) {
    const node = testSingles(graph, entries, end, background);
    if (node !== undefined) return node;
  }
  const middle = entries.length >> 1;
  const from = entries[middle]?.from ?? end;
  const above = searchBelow(graph, entries.slice(middle), end);
  return graph.test(TEST.greaterOrEqual, from, above, searchBelow(graph, entries.slice(0, middle), from));
}

/** A test for each entry that differs from the background, if they are few and one number wide; else nothing. */
function testSingles(
  graph: FilterGraph,
  entries: readonly SearchEntry[],
  end: number,
  background: FilterNode,
): FilterNode | undefined {
  let node = background;
  let singles = 0;
  for (const [i, { from, leaf }] of entries.entries()) {
    if (leaf === background) continue;
    const width = (entries[i + 1]?.from ?? end) - from;
    if (width !== 1 || ++singles > MAX_SINGLES) return undefined;
    node = graph.test(TEST.equal, from, leaf, node);
  }
  return node;
}
