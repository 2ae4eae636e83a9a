import type { Abi } from "./abi.ts";
import { isPermissive, RETURN_ENOSYS } from "./action.ts";
import { MULTIPLEXERS } from "./multiplexed.ts";
import type { SeccompArgument } from "./profile.ts";
import type { SelectedRule } from "./select.ts";

/** What happens to one system call: the first check whose arguments all match decides, else `otherwise`. */
export interface Verdict {
  readonly checks: readonly { readonly args: readonly SeccompArgument[]; readonly value: number }[];
  /** `SECCOMP_RET_…`. */
  readonly otherwise: number;
}

/** The verdicts of an ABI: `numbers[i]` and above, up to the next entry, get `verdicts[i]`; the first number is 0. */
export interface VerdictRange {
  readonly from: number;
  readonly verdict: Verdict;
}

/** A verdict while rules are added to it. */
interface Draft extends Verdict {
  readonly checks: Verdict["checks"][number][];
  otherwise: number;
}

/** From here on 32-bit ARM has private calls (`__ARM_NR_BASE`), far above the numbers that grow with each release. */
const PRIVATE_NUMBERS = 0xf0000;

/**
 * What the rules say for each system call of an ABI, as ranges of numbers in ascending order without neighbours that
 * agree.
 *
 * As with libseccomp and runc: a rule without arguments beats those with; a rule that does what the default does is
 * void; names that the ABI does not have are ignored. Above the newest call that any rule mentions a denying default
 * becomes ENOSYS: programs try calls of newer kernels and fall back on ENOSYS, but take EPERM for the answer.
 */
export function verdictRanges(rules: readonly SelectedRule[], abi: Abi, defaultValue: number): VerdictRange[] {
  const verdicts = new Map<number, Draft>();
  let newest = -1;
  for (const rule of rules) {
    const number = Object.hasOwn(abi.numbers, rule.name) ? abi.numbers[rule.name] : undefined;
    if (number !== undefined) {
      if (number < PRIVATE_NUMBERS) newest = Math.max(newest, number);
      addRule(verdicts, number, rule, defaultValue);
    }
    if (abi.multiplexed) addMultiplexed(verdicts, rule, abi, defaultValue);
  }
  const hideNewer = newest >= 0 && !isPermissive(defaultValue);
  return toRanges(verdicts, { checks: [], otherwise: defaultValue }, hideNewer ? newest + 1 : undefined);
}

function addRule(drafts: Map<number, Draft>, number: number, rule: SelectedRule, defaultValue: number): void {
  if (rule.value === defaultValue) return;
  const draft = drafts.get(number) ?? { checks: [], otherwise: defaultValue };
  drafts.set(number, draft);
  if (draft.otherwise !== defaultValue) return;
  if (rule.args.length > 0) {
    draft.checks.push({ args: rule.args, value: rule.value });
  } else {
    draft.checks.length = 0;
    draft.otherwise = rule.value;
  }
}

/**
 * The rule for the same call behind a multiplexer, whose arguments are in memory where no filter can look. So a rule
 * with arguments is taken the safe way: it allows nothing here, and what it denies is denied whatever the arguments.
 */
function addMultiplexed(drafts: Map<number, Draft>, rule: SelectedRule, abi: Abi, defaultValue: number): void {
  if (rule.args.length > 0 && isPermissive(rule.value)) return;
  for (const { name, mask, calls } of MULTIPLEXERS) {
    const selector = Object.hasOwn(calls, rule.name) ? calls[rule.name] : undefined;
    const number = abi.numbers[name];
    if (selector === undefined || number === undefined) continue;
    const arg: SeccompArgument = { index: 0, op: "SCMP_CMP_MASKED_EQ", value: mask, valueTwo: BigInt(selector) };
    addRule(drafts, number, { ...rule, args: [arg] }, defaultValue);
  }
}

function toRanges(verdicts: Map<number, Verdict>, byDefault: Verdict, unknownFrom: number | undefined): VerdictRange[] {
  const unknown: Verdict = { checks: [], otherwise: RETURN_ENOSYS };
  const numbers = [...verdicts.keys()];
  const starts = new Set([0, ...numbers, ...numbers.map((number) => number + 1), unknownFrom ?? 0]);
  const ranges: VerdictRange[] = [];
  let last: string | undefined;
  for (const from of [...starts].sort((a, b) => a - b)) {
    const background = unknownFrom !== undefined && from >= unknownFrom ? unknown : byDefault;
    const verdict = verdicts.get(from) ?? background;
    const key = verdictKey(verdict);
    if (key !== last) ranges.push({ from, verdict });
    last = key;
  }
  return ranges;
}

/** A text that is the same for verdicts that do the same. */
function verdictKey(verdict: Verdict): string {
  const checks = verdict.checks.map(({ args, value }) => [
    ...args.map(({ index, op, value, valueTwo }) => `${index} ${op} ${value} ${valueTwo ?? 0n}`),
    value,
  ]);
  return JSON.stringify([checks, verdict.otherwise]);
}
