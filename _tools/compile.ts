/**
 * `deno task compile [--main FILE] [--output FILE] [--self-extracting]`: writes the program as one file, by default
 * main.ts to dist/sauropod. With `deno compile` where its base runtime can be had, else self-extracting.
 */
import { parseArgs } from "node:util";
import { dirname, resolve } from "node:path";
import { type Program, writeSingleFile } from "./compile/single_file.ts";
import { root, sourceFiles } from "./source_files.ts";

const { values } = parseArgs({
  args: Deno.args.filter((arg) => arg !== "--"),
  options: {
    "main": { type: "string", default: `${root}main.ts` },
    "output": { type: "string", default: `${root}dist/sauropod` },
    "self-extracting": { type: "boolean", default: false },
  },
});

/** The workers of the project, or those of another program: all `*_worker.ts` below its folder. */
function workersOf(main: string): string[] {
  const folder = dirname(main);
  return sourceFiles(`${folder}/`).filter((path) => path.endsWith("_worker.ts")).map((path) => `${folder}/${path}`);
}

/** Runs `deno compile`; false if what it needs from the network cannot be had. */
async function compile({ main, workers, unstable }: Program, output: string): Promise<boolean> {
  const features = unstable.map((feature) => `--unstable-${feature}`);
  const includes = workers.flatMap((worker) => ["--include", worker]);
  const aside = `${output}.compiled`; // deno compile overwrites no file but its own kind
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["compile", "-A", "--quiet", "--no-check", ...features, ...includes, "--output", aside, main],
    cwd: dirname(main),
    env: { NO_COLOR: "1" },
    stdin: "null",
    signal: AbortSignal.timeout(120_000),
  }).output();
  if (success) {
    await Deno.rename(aside, output);
    return true;
  }
  const said = new TextDecoder().decode(stderr).trim();
  if (/base binary|denort|error sending request/.test(said) || said === "") return false;
  throw new Error(`deno compile failed:\n${said}`);
}

const { unstable = [] }: { unstable?: string[] } = JSON.parse(await Deno.readTextFile(`${root}deno.json`));
const main = resolve(values.main);
const output = resolve(values.output);
const program = { main, workers: workersOf(main), unstable };
await Deno.mkdir(dirname(output), { recursive: true });
if (values["self-extracting"] || !await compile(program, output)) {
  if (!values["self-extracting"]) {
    console.log("deno compile cannot get its base runtime here: writing a self-extracting file instead.");
  }
  await writeSingleFile(program, output);
}
console.log(`${output} (${((await Deno.stat(output)).size / 1e6).toFixed(1)} MB)`);
