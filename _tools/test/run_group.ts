import { root } from "../source_files.ts";
import { type GroupName, vmScript } from "./groups.ts";
import { prepareFiles } from "./prepare_files.ts";
import { parseJunit, type TestResult } from "./junit.ts";
import { parseSkips, type Skip } from "./skips.ts";

/** How a group of tests ended. */
export interface GroupResult {
  readonly results: readonly TestResult[];
  readonly skips: readonly Skip[];
  /** Why the report does not tell all: the process died, or a file could not be loaded. */
  readonly broken?: string;
}

/** One `deno test` process over `files`, its output shown as it comes; the counts are those of its junit report. */
export async function runGroup(group: GroupName, files: readonly string[], filter?: string): Promise<GroupResult> {
  const folder = await Deno.makeTempDir({ prefix: "sauropod-test-" });
  try {
    const report = `${folder}/${group}.xml`;
    const skips = `${folder}/skips`;
    await Deno.writeTextFile(skips, "");
    if (group !== "unit") await fetchPackages(files);
    if (group === "e2e") await prepareFiles(files); // from outside: apart from the host there is no mirror
    const test = [Deno.execPath(), "test", "-A", "--junit-path", report];
    if (group !== "unit") test.push("--no-check"); // `deno task ok` checks the types, of all files at once
    if (filter !== undefined) test.push("--filter", filter);
    test.push(...files);
    const [command = "", ...args] = group === "vm" ? inVm(test, folder, skips) : group === "unit" ? test : apart(test);
    // The engines of the tests shall not tell the host's firewalld of their bridges, which it does not have.
    const env = { SAUROPOD_SKIPS: skips, DBUS_SYSTEM_BUS_ADDRESS: `unix:path=${folder}/no-bus` };
    const { code } = await new Deno.Command(command, { args, env, cwd: root, stdin: "null" }).spawn().status;
    const xml = await Deno.readTextFile(report).catch(() => undefined);
    const results = parseJunit(xml ?? "");
    const broken = brokenBy(group, code, xml !== undefined, results);
    return { results, skips: parseSkips(await Deno.readTextFile(skips)), ...(broken && { broken }) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The packages that they import: apart from the host they cannot be fetched. */
async function fetchPackages(files: readonly string[]): Promise<void> {
  const args = ["cache", "--quiet", "--no-check", "main.ts", "mod.ts", ...files];
  const { success } = await new Deno.Command(Deno.execPath(), { args, cwd: root, stdin: "null" }).spawn().status;
  if (!success) throw new Error(`deno ${args.join(" ")} failed`);
}

function brokenBy(group: GroupName, code: number, reported: boolean, results: readonly TestResult[]) {
  if (!reported) return `${group}: ended with ${code} and without a report`;
  if (code === 0 || results.some(({ outcome }) => outcome === "failed")) return undefined;
  return `${group}: ended with ${code} though no test failed`;
}

/**
 * The command line that runs `test` in a network namespace of its own: engines make bridges and firewall rules, and none
 * of that is the host's business.
 */
function apart(test: readonly string[]): string[] {
  return ["unshare", "--net", "--", "sh", "-c", 'ip link set lo up && exec "$@"', "sh", ...test];
}

/** The command line that runs `test` in the VM; what the VM has fresh (/tmp and so on) is shared where we need it. */
function inVm(test: readonly string[], folder: string, skips: string): string[] {
  const cache = Deno.env.get("DENO_DIR");
  const shared = [root, Deno.execPath().replace(/[^/]*$/, ""), cache ?? "/"]
    .filter((path) => /^\/(tmp|run|var\/tmp|var\/lib)\//.test(path));
  const options = ["-m", "4096", "-t", "1500", "-w", root, "-d", `${folder}:rw`, "-e", `SAUROPOD_SKIPS=${skips}`];
  for (const path of new Set(shared)) options.push("-d", path);
  if (cache !== undefined) options.push("-e", `DENO_DIR=${cache}`);
  return [vmScript, ...options, "--", ...test];
}
