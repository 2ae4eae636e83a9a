import type { Fault } from "../../base/fault.ts";
import { fileExists } from "../../base/file_exists.ts";
import { discard } from "../../fs/trash.ts";
import { createWritable, mendWritable, missingFolders, removeWritable } from "../../fs/writable.ts";
import type { Container } from "../containers/container.ts";
import { removeContainer } from "../containers/remove.ts";
import { writeNetworkFiles } from "../containers/write_network_files.ts";
import type { Parts } from "../parts.ts";
import { type DamagedRow, rowFaults } from "./rows.ts";

/** Rows, folders, and what else a container needs to be started. */
export function* containerFaults(parts: Parts): Generator<Fault> {
  const { containers, settings: { root }, table } = parts;
  const damaged = new Map<string, DamagedRow>();
  const rows = table.load((id, name, error) => damaged.set(id, { name, error }));
  const readable = new Set(Array.from(rows, ({ id }) => id));
  const { going = [], kept = [] } = Object.groupBy(
    containers,
    ({ state }) => state.status === "removing" ? "going" : "kept",
  );
  yield* rowFaults<Container>({
    what: "container",
    readable,
    damaged,
    known: new Map(kept.map((container) => [container.id, container])),
    name: ({ record }) => record.name,
    restore: ({ record }, isDamaged) => isDamaged ? table.update(record) : table.insert(record),
  });
  for (const container of going) yield halfRemoved(parts, container);
  for (const container of kept) {
    yield* folderFaults(parts, container);
    yield* logFaults(container);
    yield* needs(parts, container);
  }
  const known = containers.ids();
  for (const { name } of Deno.readDirSync(`${root}/containers`)) {
    if (known.has(name)) continue;
    yield {
      kind: "container-orphan",
      object: `containers/${name}`,
      detail: `the folder containers/${name} is that of no container`,
      repair: { done: "removed", run: () => discard(root, `${root}/containers/${name}`) },
    };
  }
}

/** A removal goes through in one go, unless something fails in it: the next engine would end it. */
function halfRemoved(parts: Parts, container: Container): Fault {
  const { record } = container;
  return {
    kind: "container-removing",
    object: record.name,
    detail: `the removal of the container ${record.name} was begun, and has not come to its end`,
    repair: { done: "removed", run: () => removeContainer(parts, container, {}) },
  };
}

function* folderFaults(parts: Parts, container: Container): Generator<Fault> {
  const { settings: { root } } = parts;
  const { id, state, record: { name } } = container;
  const missing = missingFolders(root, id);
  if (missing.length === 0) return;
  const what = `the container ${name} has lost ${missing.map((part) => `containers/${id}/${part}`).join(", ")}`;
  const fault = { kind: "container-folder", object: name };
  if (!missing.includes("upper")) {
    const detail = `${what}, where nothing is kept`;
    if (container.running !== undefined) yield { ...fault, detail: `${detail}: it can be mended when it is stopped` };
    else yield { ...fault, detail, repair: { done: "made again", run: () => mendWritable(root, id) } };
  } else if (state.status === "created") {
    yield {
      ...fault,
      detail: `${what}, but it has never run`,
      repair: { done: "made again", run: () => makeAnew(parts, container) },
    };
  } else yield { ...fault, detail: `${what}: what it has written is gone, and it cannot be started` };
}

function makeAnew(parts: Parts, container: Container): void {
  const { settings: { root }, images } = parts;
  const { id, record } = container;
  removeWritable(root, id);
  createWritable(root, id, { host: images.resolve(record.imageId)?.host ?? false });
  writeNetworkFiles(parts, container);
}

function* logFaults({ state, folders, running, record: { name, hostConfig } }: Container): Generator<Fault> {
  const hasRun = state.status === "exited" || state.status === "running";
  if (!hasRun || hostConfig.LogConfig.Type === "none" || fileExists(folders.logFile)) return;
  const fault = { kind: "container-log", object: name };
  if (running !== undefined) {
    yield { ...fault, detail: `the log of the container ${name} was removed while it runs: a restart makes a new one` };
  } else if (fileExists(folders.home)) {
    yield {
      ...fault,
      detail: `the log of the container ${name} is missing`,
      repair: {
        done: "an empty one was made",
        run: () => Deno.writeTextFileSync(folders.logFile, "", { mode: 0o640, createNew: true }),
      },
    };
  }
}

/** What it cannot be started without. That it is missing may be somebody's wish (`rmi -f`, `network rm`). */
function* needs({ images, volumes, networks }: Parts, { record }: Container): Generator<Fault> {
  const { name, imageId, mountPlans = [], networkSettings } = record;
  const lacks = (what: string, object: string, how: string): Fault => ({
    kind: `container-${what}`,
    object: name,
    detail: `the container ${name} needs the ${what} ${object}, which is not there: ${how}`,
  });
  const ofMounts = mountPlans.flatMap((plan) => plan.kind === "image" ? [plan.image] : []);
  for (const image of new Set([imageId, ...ofMounts])) {
    if (!images.has(image)) yield lacks("image", image, "it can be started when that is pulled or loaded again");
  }
  for (const plan of mountPlans) {
    if (plan.kind !== "volume" || volumes.find(plan.name) !== undefined) continue;
    yield lacks("volume", plan.name, "it can be started when a volume of that name is made");
  }
  for (const network of Object.keys(networkSettings.Networks)) {
    if (networks.named(network) !== undefined) continue;
    yield lacks("network", network, "it can be started when a network of that name is made, or it is disconnected");
  }
}
