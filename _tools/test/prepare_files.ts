import { bundle } from "../compile/bundle.ts";
import { root } from "../source_files.ts";
import { makeDebianServers } from "../../tests/support/debian_image.ts";

/** What test files need of the world outside, and how it is made. */
const needed: Readonly<Record<string, (say: (line: string) => void) => Promise<void>>> = {
  "tests/e2e/compile_test.ts": fetchBundler,
  "tests/e2e/real_server_test.ts": makeDebianServers,
};

/** `deno bundle` fetches its bundler when it is first used. */
async function fetchBundler(): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "sauropod-test-" });
  try {
    await bundle(`${root}base/version.ts`, [], folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/**
 * Makes it before they run, apart from the host's network. What cannot be made (the mirror cannot be reached, say) is told
 * here; those tests are then skipped, and say what is missing.
 */
export async function prepareFiles(files: readonly string[]): Promise<void> {
  for (const file of files) {
    await needed[file]?.(console.log).catch((error: unknown) => console.log(`${file} goes without: ${error}`));
  }
}
