import { type FilterGraph, type FilterNode, LOAD_WORD, TEST } from "./bpf.ts";
import type { SeccompArgument } from "./profile.ts";

/** Where `args` begin in `struct seccomp_data`: six 64-bit words, little endian. */
const ARGS_OFFSET = 16;
const LOW_WORD = 0xffff_ffffn;
const ALL_BITS = 0xffff_ffff;

/** A 64-bit number as BPF sees it. */
interface Halves {
  readonly high: number;
  readonly low: number;
}

/**
 * The nodes that compare one argument and go on at `yes` or `no`. BPF computes with 32 bits, so a 64-bit comparison
 * is one of the high halves and, when they are equal, one of the low halves. With `wide` false only the low halves
 * count, as the kernel cuts the arguments of 32-bit ABIs.
 */
export function compareArgument(
  graph: FilterGraph,
  argument: SeccompArgument,
  wide: boolean,
  yes: FilterNode,
  no: FilterNode,
): FilterNode {
  const word = { graph, offset: ARGS_OFFSET + argument.index * 8, wide };
  const value = halves(argument.value);
  switch (argument.op) {
    case "SCMP_CMP_EQ":
      return equal(word, value, yes, no);
    case "SCMP_CMP_NE":
      return equal(word, value, no, yes);
    case "SCMP_CMP_GT":
      return ordered(word, TEST.greater, value, yes, no);
    case "SCMP_CMP_LE":
      return ordered(word, TEST.greater, value, no, yes);
    case "SCMP_CMP_GE":
      return ordered(word, TEST.greaterOrEqual, value, yes, no);
    case "SCMP_CMP_LT":
      return ordered(word, TEST.greaterOrEqual, value, no, yes);
    case "SCMP_CMP_MASKED_EQ":
      return maskedEqual(word, value, halves(argument.valueTwo ?? 0n), yes, no);
  }
}

interface Word {
  readonly graph: FilterGraph;
  readonly offset: number;
  readonly wide: boolean;
}

function equal(word: Word, value: Halves, yes: FilterNode, no: FilterNode): FilterNode {
  const low = (yes: FilterNode, no: FilterNode) => lowHalf(word, TEST.equal, value.low, yes, no);
  return word.wide ? highHalf(word, value.high, low, yes, no, no) : low(yes, no);
}

function ordered(
  word: Word,
  test: typeof TEST.greater | typeof TEST.greaterOrEqual,
  value: Halves,
  yes: FilterNode,
  no: FilterNode,
): FilterNode {
  const { graph, offset, wide } = word;
  const low = (yes: FilterNode, no: FilterNode) => lowHalf(word, test, value.low, yes, no);
  if (!wide) return low(yes, no);
  if (value.high === 0) return highHalf(word, 0, low, yes, no, yes);
  const notGreater = graph.test(TEST.equal, value.high, low(yes, no), no);
  return graph.load(offset + 4, graph.test(TEST.greater, value.high, yes, notGreater));
}

function maskedEqual(word: Word, mask: Halves, value: Halves, yes: FilterNode, no: FilterNode): FilterNode {
  const { graph, offset, wide } = word;
  const half = (offset: number, mask: number, value: number, yes: FilterNode, no: FilterNode): FilterNode => {
    if (mask === 0) return value === 0 ? yes : no;
    return graph.load(offset, graph.and(mask, graph.test(TEST.equal, value, yes, no)));
  };
  const low = (yes: FilterNode, no: FilterNode) =>
    mask.low === ALL_BITS ? lowHalf(word, TEST.equal, value.low, yes, no) : half(offset, mask.low, value.low, yes, no);
  if (!wide) return low(yes, no);
  if (mask.high === ALL_BITS) return highHalf(word, value.high, low, yes, no, no);
  return half(offset + 4, mask.high, value.high, low(yes, no), no);
}

/** Compares the low half. What follows need not load it again. */
function lowHalf(
  { graph, offset }: Word,
  test: typeof TEST[keyof typeof TEST],
  k: number,
  yes: FilterNode,
  no: FilterNode,
): FilterNode {
  const loaded = (node: FilterNode) => node.kind === "step" && isLoad(node, offset) ? node.next : node;
  return graph.load(offset, graph.test(test, k, loaded(yes), loaded(no)));
}

/**
 * Goes on with `low` if the high half equals `k`, else with `other`. Rules often compare one argument with several
 * numbers, all with the same high half: what follows does not ask for it a second time, as the answer is known.
 */
function highHalf(
  { graph, offset }: Word,
  k: number,
  low: (yes: FilterNode, no: FilterNode) => FilterNode,
  yes: FilterNode,
  no: FilterNode,
  other: FilterNode,
): FilterNode {
  const known = (node: FilterNode, equal: boolean): FilterNode => {
    if (node.kind !== "step" || !isLoad(node, offset + 4)) return node;
    const test = node.next;
    if (test.kind !== "test" || test.code !== TEST.equal || test.k !== k) return node;
    return known(equal ? test.yes : test.no, equal);
  };
  const equal = low(known(yes, true), known(no, true));
  return graph.load(offset + 4, graph.test(TEST.equal, k, equal, known(other, false)));
}

function isLoad(node: FilterNode & { kind: "step" }, offset: number): boolean {
  return node.code === LOAD_WORD && node.k === offset;
}

function halves(value: bigint): Halves {
  return { high: Number(value >> 32n), low: Number(value & LOW_WORD) };
}
