const root = new URL("../../", import.meta.url).pathname;

/** The path of a linted file relative to the project: `sys/fd.ts`. A relative path is taken to be that already. */
export function projectPath(filename: string): string {
  return filename.startsWith(root) ? filename.slice(root.length) : filename.replace(/^\.\//, "");
}

/** Whether `path` is a test or serves tests only. */
export function isTest(path: string): boolean {
  return path.startsWith("tests/") || /_test(_support)?\.ts$/.test(path);
}

/** Whether `path` is one of `places`: a file, or a folder written with its closing slash. */
export function isIn(path: string, places: readonly string[]): boolean {
  return places.some((place) => place.endsWith("/") ? path.startsWith(place) : path === place);
}
