import { root } from "./source_files.ts";

/** One file of the project importing another, both relative to the root; types and dynamic imports count too. */
export interface Import {
  readonly from: string;
  readonly to: string;
}

interface Resolved {
  readonly specifier?: string;
}

interface GraphModule {
  readonly specifier: string;
  readonly dependencies?: readonly { readonly code?: Resolved; readonly type?: Resolved }[];
}

/** All imports between the project's `files`, as Deno's own parser sees them: one `deno info` over them all. */
export async function importGraph(files: readonly string[]): Promise<Import[]> {
  const entry = await Deno.makeTempFile({ prefix: "layers-", suffix: ".ts" });
  try {
    await Deno.writeTextFile(entry, files.map((file) => `import ${JSON.stringify(root + file)};\n`).join(""));
    const info = await new Deno.Command(Deno.execPath(), {
      args: ["info", "--json", "--no-lock", "--config", `${root}deno.json`, entry],
      stdin: "null",
      stderr: "inherit",
    }).output();
    if (!info.success) throw new Error(`deno info failed with ${info.code}`);
    const { modules }: { modules: GraphModule[] } = JSON.parse(new TextDecoder().decode(info.stdout));
    return modules.flatMap(importsOf);
  } finally {
    await Deno.remove(entry);
  }
}

function importsOf(module: GraphModule): Import[] {
  const from = projectPath(module.specifier);
  if (from === undefined) return [];
  return (module.dependencies ?? []).flatMap(({ code, type }) => {
    const to = projectPath((code ?? type)?.specifier ?? "");
    return to === undefined ? [] : [{ from, to }];
  });
}

function projectPath(specifier: string): string | undefined {
  const prefix = new URL("../", import.meta.url).href;
  return specifier.startsWith(prefix) ? specifier.slice(prefix.length) : undefined;
}
