/** The layer check, `deno task layers`: each folder imports only what stands to its right in design section 9. */
import { type Import, importGraph } from "./import_graph.ts";
import { sourceFiles } from "./source_files.ts";

/** A layer is named by its folder or file; each may import itself and those that it lists. */
export type LayerTable = Readonly<Record<string, readonly string[] | "anything">>;

const parts = ["runtime", "fs", "net", "cgroup", "image"];

/** Who may import whom. Where two names fit a file, the longer one is its layer: `api/client/x.ts` is in `api/client`. */
export const layers: LayerTable = {
  "main.ts": ["cli", "standby", "api/client", "api", "engine", ...parts, "sys", "base"],
  "mod.ts": ["engine", "api/client", "base"],
  "cli": ["api/client", "base"],
  "standby": ["runtime", "sys", "base"],
  "api/client": ["base"],
  "api": ["api/client", "engine", ...parts, "sys", "base"],
  "engine": [...parts, "sys", "base"],
  "runtime": ["sys", "base"],
  "fs": ["sys", "base"],
  "net": ["sys", "base"],
  "cgroup": ["sys", "base"],
  "image": ["fs", "sys", "base"], // layers are unpacked into folders that fs/ owns
  "sys": ["base"],
  "base": [],
  "tests": "anything",
  "_tools": "anything",
};

/** The layer that a file belongs to; undefined if the table does not know its folder. */
export function layerOf(path: string, table: LayerTable): string | undefined {
  return Object.keys(table)
    .filter((layer) => path === layer || path === `${layer}.ts` || path.startsWith(`${layer}/`))
    .sort((a, b) => b.length - a.length)[0];
}

/** One sentence per import that the table forbids; a test beside the code may also use what serves tests. */
export function violations(imports: readonly Import[], table: LayerTable): string[] {
  const found = new Set<string>();
  for (const { from, to } of imports) {
    const [layer, target] = [layerOf(from, table), layerOf(to, table)];
    if (layer === undefined) found.add(`${from} is in no layer: add its folder to the table in _tools/layers.ts`);
    if (layer === undefined || layer === target) continue;
    const allowed = table[layer] ?? [];
    if (allowed === "anything" || (target !== undefined && allowed.includes(target))) continue;
    if (/_test(_support)?\.ts$/.test(from) && target !== undefined && table[target] === "anything") continue;
    found.add(`${from} imports ${to}: ${layer} may import only ${allowed.join(", ") || "itself"}`);
  }
  return [...found].sort();
}

if (import.meta.main) {
  const found = violations(await importGraph(sourceFiles()), layers);
  for (const violation of found) console.error(violation);
  if (found.length > 0) Deno.exit(1);
}
