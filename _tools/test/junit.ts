/** One test of a junit report as `deno test --junit-path` writes it; steps are part of their test. */
export interface TestResult {
  readonly name: string;
  /** As the report has it: `./tests/e2e/run_test.ts`. */
  readonly file: string;
  readonly line: number;
  readonly outcome: "passed" | "failed" | "skipped";
}

/** The tests in a junit report. Deno lists a step after its test, as `test > step`; a failed step fails the test too. */
export function parseJunit(xml: string): TestResult[] {
  const results: TestResult[] = [];
  const names = new Set<string>();
  for (const [, attributes = "", body = ""] of xml.matchAll(/<testcase ([^>]*)>(.*?)<\/testcase>/gs)) {
    const name = attribute(attributes, "name");
    const file = attribute(attributes, "classname");
    const isStep = [...name.matchAll(/ > /g)].some(({ index }) => names.has(`${file}\n${name.slice(0, index)}`));
    if (isStep) continue;
    names.add(`${file}\n${name}`);
    const outcome = /<(failure|error)\b/.test(body) ? "failed" : /<skipped\b/.test(body) ? "skipped" : "passed";
    results.push({ name, file, line: Number(attribute(attributes, "line")), outcome });
  }
  return results;
}

function attribute(attributes: string, name: string): string {
  const value = new RegExp(`(?:^| )${name}="([^"]*)"`).exec(attributes)?.[1] ?? "";
  return value.replace(/&(lt|gt|quot|apos|amp|#(\d+)|#x([0-9a-f]+));/gi, (_, entity, decimal, hex) => {
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    if (hex !== undefined) return String.fromCodePoint(parseInt(hex, 16));
    return { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" }[String(entity)] ?? "";
  });
}
