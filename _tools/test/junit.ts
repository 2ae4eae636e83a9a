/** One test of a junit report as `deno test --junit-path` writes it; steps are part of their test. */
export interface TestResult {
  readonly name: string;
  /** As the report has it: `./tests/e2e/run_test.ts`. */
  readonly file: string;
  readonly line: number;
  readonly outcome: "passed" | "failed" | "skipped";
  /** What a failed test threw, and each of its failed steps, as Deno prints it. */
  readonly failure?: string;
}

/** The tests in a junit report. Deno lists a step after its test, as `test > step`; a failed step fails the test too. */
export function parseJunit(xml: string): TestResult[] {
  const tests = new Map<string, TestResult>();
  for (const [, attributes = "", body = ""] of xml.matchAll(/<testcase ([^>]*)>(.*?)<\/testcase>/gs)) {
    const name = attribute(attributes, "name");
    const file = attribute(attributes, "classname");
    const [, failure = ""] = /<(?:failure|error)\b[^>]*>(.*?)<\/(?:failure|error)>/s.exec(body) ?? [];
    const failed = /<(failure|error)\b/.test(body) && { failure: unescape(failure) };
    const [key, test] = testOfStep(tests, file, name);
    if (test !== undefined) {
      if (failed) tests.set(key, { ...test, failure: `${test.failure ?? ""}\n${name}: ${failed.failure}` });
      continue;
    }
    const outcome = failed ? "failed" : /<skipped\b/.test(body) ? "skipped" : "passed";
    tests.set(key, { name, file, line: Number(attribute(attributes, "line")), outcome, ...failed });
  }
  return [...tests.values()];
}

/** The key of the test that `name` belongs to, and the test if it is there already, that is if `name` is its step's. */
function testOfStep(tests: ReadonlyMap<string, TestResult>, file: string, name: string): [string, TestResult?] {
  for (const { index } of name.matchAll(/ > /g)) {
    const key = `${file}\n${name.slice(0, index)}`;
    const test = tests.get(key);
    if (test !== undefined) return [key, test];
  }
  return [`${file}\n${name}`];
}

function attribute(attributes: string, name: string): string {
  return unescape(new RegExp(`(?:^| )${name}="([^"]*)"`).exec(attributes)?.[1] ?? "");
}

function unescape(text: string): string {
  return text.replace(/&(lt|gt|quot|apos|amp|#(\d+)|#x([0-9a-f]+));/gi, (_, entity, decimal, hex) => {
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    if (hex !== undefined) return String.fromCodePoint(parseInt(hex, 16));
    return { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" }[String(entity)] ?? "";
  });
}
