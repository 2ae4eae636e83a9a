import type { TopResult } from "../../base/docker/container.ts";
import { conflict, internal, invalid, unavailable } from "../../base/errors.ts";
import type { Cgroup } from "../../cgroup/cgroup.ts";
import type { LifecycleState } from "../container_record.ts";
import { FULL_TITLES, processRow, surroundings } from "./process_row.ts";
import { parsePsOutput } from "./ps_output.ts";

/** What of a container the report is made of. */
export interface TopContainer {
  readonly id: string;
  readonly state: LifecycleState;
  readonly running: { readonly cgroup: Pick<Cgroup, "processes"> } | undefined;
}

/**
 * The processes of a container as the host's `ps` shows them. The columns of `ps -ef`, which everybody asks for, come
 * from /proc; for other arguments the host must have a `ps`.
 * @throws `conflict` when it does not run, `unavailable` without `ps`, `internal` in the words of `ps`.
 */
export async function containerTop({ id, state, running }: TopContainer, psArgs = ""): Promise<TopResult> {
  if (state.status === "exited" && state.restarting) {
    throw conflict(`Container ${id} is restarting, wait until the container is running`);
  }
  if (running === undefined) throw conflict(`Container ${id} is not running`);
  const pids = running.cgroup.processes().sort((a, b) => a - b);
  const args = psArgs.split(/\s+/).filter(Boolean);
  if (args.length === 0 || (args.length === 1 && args[0] === "-ef")) {
    const around = surroundings();
    const Processes = pids.map((pid) => processRow(pid, around)).filter((row) => row !== undefined);
    return { Titles: [...FULL_TITLES], Processes };
  }
  checkArguments(args);
  return parsePsOutput(await hostPs(args, pids), new Set(pids));
}

/** Docker finds processes by the column PID, so nothing else may be called that. */
function checkArguments(args: readonly string[]): void {
  for (const [, name, title] of args.join(" ").matchAll(/(\S*)=\s*(PID\S*)/g)) {
    if (name !== "pid" || title !== "PID") {
      throw invalid(`specifying "${name}=${title}" is not allowed`);
    }
  }
}

/** With `-q` only the wanted processes are looked at; some arguments do not go with it. */
async function hostPs(args: readonly string[], pids: readonly number[]): Promise<string> {
  const narrowed = pids.length > 0 ? await runPs([...args, `-q${pids.join(",")}`]) : undefined;
  if (narrowed?.success) return narrowed.stdout;
  const { success, stdout, stderr } = await runPs(args);
  if (success) return stdout;
  throw internal(stderr.split("\n")[0] || "ps failed");
}

async function runPs(args: readonly string[]): Promise<{ success: boolean; stdout: string; stderr: string }> {
  try {
    const command = new Deno.Command("ps", { args: [...args], stdin: "null", stdout: "piped", stderr: "piped" });
    const { success, stdout, stderr } = await command.output();
    const text = new TextDecoder();
    return { success, stdout: text.decode(stdout), stderr: text.decode(stderr) };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw unavailable("this host has no ps command: only top without arguments of ps works here", { cause: error });
  }
}
