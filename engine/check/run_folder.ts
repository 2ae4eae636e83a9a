import type { Fault } from "../../base/fault.ts";
import { removeRecord } from "../../runtime/keeper.ts";
import { KEEPER_FD } from "../../runtime/keeper_layout.ts";
import { holdersOf } from "../../runtime/process_table.ts";
import { clearLeftovers } from "../containers/adopt.ts";
import type { Container } from "../containers/container.ts";
import type { Parts } from "../parts.ts";

/** The records of keepers: each is that of a container that runs, or of a command in one. */
export function* runFolderFaults(parts: Parts): Generator<Fault> {
  const { containers, settings: { runDir } } = parts;
  const ids = containers.ids();
  for (const { name } of Deno.readDirSync(`${runDir}/containers`)) {
    const container = containers.find(name);
    if (container !== undefined) yield* leftOver(parts, container);
    else if (!ids.has(name)) yield orphan(`containers/${name}`, runDir);
  }
  const execs = new Set(Array.from(containers, (container) => [...container.execs]).flat());
  for (const { name } of Deno.readDirSync(`${runDir}/execs`)) {
    // One that an engine before this one had started runs on, and has its keeper.
    if (execs.has(name) || keepersOf(`${runDir}/execs/${name}`).length > 0) continue;
    yield orphan(`execs/${name}`, runDir);
  }
}

/** An end that has not come to its end: the next engine would see to it. */
function* leftOver(parts: Parts, container: Container): Generator<Fault> {
  const { id, state, serial, record: { name } } = container;
  if (container.running !== undefined || state.status === "running" || serial.busy) return;
  yield {
    kind: "run-leftover",
    object: name,
    detail: `the container ${name} does not run, and a record of its last run is still there: containers/${id}`,
    repair: { done: "removed", run: () => serial.run(() => clearLeftovers(parts, container)) },
  };
}

function orphan(path: string, runDir: string): Fault {
  const keepers = keepersOf(`${runDir}/${path}`);
  const fault = { kind: "run-orphan", object: path };
  if (keepers.length > 0) {
    const detail = `something runs that is no container's, kept by process ${keepers.join(", ")}: ${path}`;
    return { ...fault, detail };
  }
  return {
    ...fault,
    detail: `the record ${path} in the run folder is that of no container that is known`,
    repair: { done: "removed", run: () => removeRecord(`${runDir}/${path}`) },
  };
}

function keepersOf(path: string): number[] {
  return holdersOf(path, KEEPER_FD.record).filter((pid) => pid !== Deno.pid);
}
