/** The project's root folder, with its closing slash. */
export const root: string = new URL("../", import.meta.url).pathname;

/** Every TypeScript file of the project below `folder`, relative to the root, sorted: `fs/overlay.ts`. */
export function sourceFiles(folder = ""): string[] {
  const found: string[] = [];
  for (const entry of Deno.readDirSync(root + folder)) {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory && !/^(\.|dist$|node_modules$)/.test(entry.name)) found.push(...sourceFiles(path));
    else if (entry.isFile && entry.name.endsWith(".ts")) found.push(path);
  }
  return found.sort();
}

/** The unit tests: whatever lies beside the code that it tests. Tests that need a machine lie in `tests/`. */
export function unitTests(): string[] {
  return sourceFiles().filter((path) => path.endsWith("_test.ts") && !/^tests\/(integration|e2e)\//.test(path));
}
