import type { TestResult } from "./junit.ts";

/** A skip as tests/support/requires.ts logs it: where it was decided, for which test if that was said, and why. */
export interface Skip {
  readonly file: string;
  readonly line: number;
  readonly name?: string;
  readonly reason: string;
}

/** Reads the log: one JSON object per line. */
export function parseSkips(log: string): Skip[] {
  return log.split("\n").filter(Boolean).map((line) => JSON.parse(line));
}

/** Why `test` was skipped: the skip of its name, else the one decided nearest to it in the same file. */
export function skipReason(test: TestResult, skips: readonly Skip[]): string {
  const file = test.file.replace(/^\.\//, "");
  const distance = (skip: Skip) => Math.abs(skip.line - test.line);
  const here = skips.filter((skip) => skip.file === file).sort((a, b) => distance(a) - distance(b));
  const found = skips.find((skip) => skip.name === test.name) ?? here.find((skip) => skip.name === undefined);
  return found?.reason ?? "no reason given";
}
