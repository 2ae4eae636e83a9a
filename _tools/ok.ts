/** The gate, `deno task ok`: one line per check, the full output of what failed only. `deno task ok lint` runs one. */
import { root, unitTests } from "./source_files.ts";

interface Check {
  readonly name: string;
  readonly args: readonly string[];
}

/** They run at the same time; the tests come last, since they take both cores. */
const checks: readonly Check[] = [
  { name: "format", args: ["fmt", "--check"] },
  { name: "lint", args: ["lint"] },
  { name: "types", args: ["check", "--quiet", "."] },
  { name: "documentation", args: ["doc", "--lint", "mod.ts"] },
  { name: "package", args: ["publish", "--dry-run", "--allow-dirty"] }, // asks no registry; finds slow types
  { name: "layers", args: ["run", "-A", "--no-check", "_tools/layers.ts"] },
];
const unit = (): Check => ({
  name: "unit tests",
  args: ["test", "-A", "--no-check", "--parallel", "--reporter=dot", ...unitTests()],
});

async function run({ name, args }: Check): Promise<boolean> {
  const started = performance.now();
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: root,
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const text = new TextDecoder();
  console.log(`${success ? "ok    " : "FAILED"} ${name} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  if (!success) console.log((text.decode(stdout) + text.decode(stderr)).trimEnd());
  return success;
}

const wanted = (check: Check) => Deno.args.length === 0 || Deno.args.some((arg) => check.name.startsWith(arg));
const passed = await Promise.all(checks.filter(wanted).map(run));
passed.push(...await Promise.all([unit()].filter(wanted).map(run)));
if (passed.includes(false) || passed.length === 0) Deno.exit(1);
