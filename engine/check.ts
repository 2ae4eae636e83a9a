/** The check of the store: whether the database and the disk agree, both ways. */
import type { CheckOptions } from "../base/container_engine.ts";
import type { StoreCheck, StoreProblem } from "../base/docker/system.ts";
import { describeError } from "../base/errors.ts";
import type { Fault } from "../base/fault.ts";
import { containerFaults } from "./check/containers.ts";
import { databaseFaults } from "./check/database.ts";
import { networkFaults } from "./check/networks.ts";
import { runFolderFaults } from "./check/run_folder.ts";
import { stagingFaults } from "./check/staging.ts";
import { volumeFaults } from "./check/volumes.ts";
import type { Parts } from "./parts.ts";

/** Looks at one kind of thing. Nothing waits in between, so that what others are doing cannot get into it. */
interface Look {
  readonly at: string;
  find(parts: Parts, options: CheckOptions): Iterable<Fault>;
}

/** What is mended by one, those after it find whole. */
const looks: readonly Look[] = [
  { at: "the database", find: databaseFaults },
  { at: "the images", find: ({ images }, options) => images.faults(options) },
  { at: "the volumes", find: volumeFaults },
  { at: "the networks", find: networkFaults },
  { at: "the containers", find: containerFaults },
  { at: "the run folder", find: runFolderFaults },
  { at: "the staging folder", find: stagingFaults },
];

/** Finds what is wrong, and with `repair` mends what can be mended without losing anything. */
export async function checkStore(parts: Parts, options: CheckOptions = {}): Promise<StoreCheck> {
  const { repair = false, digests = false } = options;
  const Problems: StoreProblem[] = [];
  const Checked = {
    ...parts.images.counts(),
    containers: parts.containers.size,
    volumes: parts.volumes.size,
    networks: [...parts.networks].length,
  };
  for (const look of looks) Problems.push(...await dealtWith(found(look, parts, options), repair));
  if (digests) {
    for await (const fault of parts.images.damage(options)) Problems.push(...await dealtWith([fault], repair));
  }
  return { Checked, Problems };
}

function found({ at, find }: Look, parts: Parts, options: CheckOptions): Fault[] {
  try {
    return [...find(parts, options)];
  } catch (error) { // a database that is so damaged must not hide what is wrong elsewhere
    return [{ kind: "unreadable", object: at, detail: `${at} cannot be checked: ${describeError(error)}` }];
  }
}

/** All repairs begin before anything is waited for: what has been seen is still so. */
async function dealtWith(faults: readonly Fault[], repair: boolean): Promise<StoreProblem[]> {
  return await Promise.all(faults.map(async ({ kind, object, detail, repair: remedy }) => {
    const problem: StoreProblem = { Kind: kind, Object: object, Detail: detail, Repaired: false };
    if (!repair || remedy === undefined) return problem;
    try {
      await remedy.run();
      return { ...problem, Detail: `${detail}: ${remedy.done}`, Repaired: true };
    } catch (error) {
      return { ...problem, Detail: `${detail}; the repair has failed: ${describeError(error)}` };
    }
  }));
}
