/** Images that are not what they should be: busybox's root, changed. */
import { run } from "./command.ts";
import { busyboxRoot, fixtureFolder, tarFolder } from "./fixtures.ts";
import type { Sandbox } from "./sandbox.ts";

/** Imports busybox's root after `change` has been at it, as image `name`; `changes` are import's (`WORKDIR /x`). */
export async function attackImage(
  box: Sandbox,
  name: string,
  change: (root: string) => Promise<void> | void,
  changes: readonly string[] = [],
): Promise<string> {
  const root = await Deno.makeTempDir({ dir: fixtureFolder(), prefix: "attack-" });
  const tar = `${root}.tar`;
  try {
    await run(["cp", "-a", `${await busyboxRoot()}/.`, root]);
    await change(root);
    await tarFolder(root, tar);
    await box.ok("import", ...changes.flatMap((text) => ["-c", text]), tar, name);
    return name;
  } finally {
    await Deno.remove(root, { recursive: true });
    await Deno.remove(tar).catch(() => {});
  }
}

const compiled = new Map<string, Promise<string>>();

/** The static program that programs/NAME.c is the source of; each is compiled once per test process. */
export function staticProgram(name: string): Promise<string> {
  const source = new URL(`programs/${name}.c`, import.meta.url).pathname;
  const path = `${fixtureFolder()}/${name}`;
  const compiling = compiled.get(name) ?? run(["gcc", "-static", "-O1", "-w", "-o", path, source]).then(() => path);
  compiled.set(name, compiling);
  return compiling;
}
