import { unavailable } from "../../base/errors.ts";
import type { Fault } from "../../base/fault.ts";
import { fileExists } from "../../base/file_exists.ts";
import { isWorkedOn } from "../../fs/staging.ts";
import { discard, emptyTrash, isTrash, trashLeft } from "../../fs/trash.ts";
import type { Parts } from "../parts.ts";

/** What nobody is working on, and what was to be deleted and could not be. */
export function* stagingFaults({ settings: { root } }: Parts): Generator<Fault> {
  for (const { name } of Deno.readDirSync(`${root}/staging`)) {
    const path = `${root}/staging/${name}`;
    if (isTrash(name) || isWorkedOn(path)) continue;
    yield {
      kind: "staging-leftover",
      object: `staging/${name}`,
      detail: `staging/${name} was left by something that did not come to its end`,
      repair: { done: "removed", run: () => discard(root, path) },
    };
  }
  for (const path of trashLeft(root)) {
    const object = path.slice(root.length + 1);
    yield {
      kind: "trash",
      object,
      detail: `${object} was removed, and is still on the disk`,
      repair: { done: "deleted", run: () => deleted(root, path) },
    };
  }
}

async function deleted(root: string, path: string): Promise<void> {
  await emptyTrash(root);
  if (fileExists(path)) throw unavailable(`${path} cannot be deleted: something is mounted there, or the disk fails`);
}
