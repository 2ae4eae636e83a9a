/** The project's root folder, with its closing slash. */
export const root: string = new URL("../", import.meta.url).pathname;

/** Every TypeScript file below `top`, relative to it, sorted: `fs/overlay.ts`. */
export function sourceFiles(top = root, folder = ""): string[] {
  const found: string[] = [];
  for (const entry of Deno.readDirSync(top + folder)) {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory && !/^(\.|dist$|node_modules$)/.test(entry.name)) found.push(...sourceFiles(top, path));
    else if (entry.isFile && entry.name.endsWith(".ts")) found.push(path);
  }
  return found.sort();
}

/** The unit tests: whatever lies beside the code that it tests. Tests that need a machine lie in `tests/`. */
export function unitTests(): string[] {
  return sourceFiles().filter((path) => path.endsWith("_test.ts") && !/^tests\/(integration|e2e|vm)\//.test(path));
}
