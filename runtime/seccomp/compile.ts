import { invalid } from "../../base/errors.ts";
import { type Abi, judgedAbis, X32 } from "./abi.ts";
import { RETURN_KILL_PROCESS, returnValue } from "./action.ts";
import { assemble, FilterGraph, type FilterNode, TEST } from "./bpf.ts";
import { compareArgument } from "./compare.ts";
import type { SeccompProfile } from "./profile.ts";
import { searchTree } from "./search_tree.ts";
import { type SeccompTarget, selectRules } from "./select.ts";
import { X32_SYSCALL_BIT } from "./syscalls_x32.ts";
import { type Verdict, type VerdictRange, verdictRanges } from "./verdicts.ts";

/** Where `nr` and `arch` are in `struct seccomp_data`. */
const NUMBER_OFFSET = 0;
const ARCH_OFFSET = 4;

/** The number that a tracer sets to skip a call: it has the bit of x32 in it, but is no call of x32. */
const SKIPPED_CALL = 0xffff_ffff;

/** More comparisons than this do not fit into a program anyway, and would take the assembler's recursion too deep. */
const MAX_CHECKS = 2048;

/**
 * Compiles a profile to a classic BPF program for `seccomp(SECCOMP_SET_MODE_FILTER)`: an array of `struct
 * sock_filter`, 8 bytes each, little endian.
 *
 * The kernel runs the program at each call (until 5.11) or once per number when it is installed (from 5.11 on), and
 * libseccomp's list of 700 comparisons makes that slow. Most neighbours in the table of calls have the same verdict,
 * so the program is a binary search over ranges of numbers:
 *
 *     arch? ── x86_64 ── x32 bit? ── no ── number < 217? ── … ── ALLOW | ERRNO | tests of arguments
 *       │                    └────── yes ── (the tree of x32)
 *       ├───── i386 ── (its tree)
 *       └───── any other: KILL_PROCESS
 *
 * Throws `invalid` for actions and architectures that cannot be served, and for a program of more than 4096
 * instructions.
 */
export function compileSeccomp(profile: SeccompProfile, target: SeccompTarget): Uint8Array<ArrayBuffer> {
  const rules = selectRules(profile, target);
  const defaultValue = returnValue(profile.defaultAction, profile.defaultErrnoRet);
  const graph = new FilterGraph();
  const treeOf = (abi: Abi) => abiTree(graph, verdictRanges(rules, abi, defaultValue), abi);

  const [native, ...others] = judgedAbis(profile, target.arch);
  const kill = graph.returns(RETURN_KILL_PROCESS);
  let number = treeOf(native);
  if (target.arch === "x86_64") {
    const x32 = others.includes(X32)
      ? graph.and(~X32_SYSCALL_BIT >>> 0, treeOf(X32))
      : graph.test(TEST.equal, SKIPPED_CALL, graph.returns(defaultValue), kill);
    number = graph.test(TEST.anyBit, X32_SYSCALL_BIT, x32, number);
  }
  let other = kill;
  for (const abi of others) {
    if (abi === X32) continue;
    other = graph.test(TEST.equal, abi.auditArch, graph.load(NUMBER_OFFSET, treeOf(abi)), other);
  }
  const arch = graph.test(TEST.equal, native.auditArch, graph.load(NUMBER_OFFSET, number), other);
  return assemble(graph.load(ARCH_OFFSET, arch));
}

/** The nodes that find the verdict of an ABI's rules for the number in the accumulator. */
function abiTree(graph: FilterGraph, ranges: readonly VerdictRange[], abi: Abi): FilterNode {
  return searchTree(graph, ranges.map(({ from, verdict }) => ({ from, leaf: verdictNode(graph, verdict, abi) })));
}

function verdictNode(graph: FilterGraph, verdict: Verdict, abi: Abi): FilterNode {
  if (verdict.checks.length > MAX_CHECKS) {
    throw invalid(`seccomp profile: ${verdict.checks.length} rules for one call; at most ${MAX_CHECKS} can be checked`);
  }
  return verdict.checks.reduceRight<FilterNode>(
    (otherwise, { args, value }) =>
      args.reduceRight<FilterNode>(
        (matched, arg) => compareArgument(graph, arg, abi.wide, matched, otherwise),
        graph.returns(value),
      ),
    graph.returns(verdict.otherwise),
  );
}
