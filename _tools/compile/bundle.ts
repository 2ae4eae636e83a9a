import { basename, dirname } from "node:path";
import * as esbuild from "esbuild";
import { root } from "../source_files.ts";

/**
 * Bundles the program into `folder`: main.js with its lazily loaded chunks, and each of the `workers`
 * (`image/unpack_worker.ts`) as a file of its own beside it, `unpack_worker.js`.
 */
export async function bundle(main: string, workers: readonly string[], folder: string): Promise<void> {
  const common = ["bundle", "--quiet", "--platform", "deno"];
  await deno([...common, "--code-splitting", "--outdir", folder, main], dirname(main));
  const built = `${folder}/${basename(main).replace(/\.ts$/, ".js")}`;
  if (built !== `${folder}/main.js`) await Deno.rename(built, `${folder}/main.js`);
  for (const worker of workers) {
    await deno([...common, "-o", `${folder}/${basename(worker).replace(/\.ts$/, ".js")}`, worker], dirname(main));
  }
  for (const { name } of Deno.readDirSync(folder)) {
    const path = `${folder}/${name}`;
    await Deno.writeTextFile(path, lazily(pointToWorkers(await minify(await Deno.readTextFile(path)), workers)));
  }
  await esbuild.stop();
}

/**
 * Half the bytes, which Deno parses at each start and keeps in memory. By `deno bundle --minify`, whose esbuild is older,
 * a `using` would be lost: of `using file = open(); return file.size()` it makes `return open().size()`.
 */
export async function minify(code: string): Promise<string> {
  return (await esbuild.transform(code, { minify: true, format: "esm", target: "esnext" })).code;
}

/**
 * In bundled code, which all lies in one folder, lets the URLs of workers name the bundled workers.
 * Throws if the code refers to any other file by its URL, since that would not be there.
 */
export function pointToWorkers(code: string, workers: readonly string[]): string {
  const names = new Set(workers.map((worker) => basename(worker, ".ts")));
  const pointed = code.replace(/(["'`])\.{1,2}\/(?:[\w./-]+\/)?(\w+_worker)\.ts\1/g, (whole, quote, name) => {
    return names.has(name) ? `${quote}./${name}.js${quote}` : whole;
  });
  const urls = pointed.matchAll(
    /(?:new URL\(\s*["'`](\.{1,2}\/[^"'`]*)["'`]\s*,\s*import\.meta\.url|import\.meta\.resolve\(\s*["'`](\.{1,2}\/[^"'`]*)["'`])/g,
  );
  for (const [, byUrl, resolved] of urls) {
    const file = byUrl ?? resolved ?? "";
    if (!names.has(basename(file, ".js"))) throw new Error(`the program refers to ${file}, which no bundle holds`);
  }
  return pointed;
}

/**
 * Deno reads every file that a literal `import("…")` names before it runs the first line, so that each command would pay
 * for all commands (10 ms of 35). It cannot know the name that a call gives.
 */
export function lazily(code: string): string {
  return code.replace(/\bimport\((["'])(\.{1,2}\/[^"'\n]+)\1\)/g, "import(String($1$2$1))");
}

async function deno(args: readonly string[], cwd: string): Promise<void> {
  const config = cwd.startsWith(root.replace(/\/$/, "")) ? ["--config", `${root}deno.json`] : [];
  const [command = "", ...rest] = args;
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [command, ...config, ...rest],
    cwd,
    stdin: "null",
  }).output();
  if (!success) throw new Error(`deno ${args.join(" ")} failed:\n${new TextDecoder().decode(stderr)}`);
}
