/** Whether catalog and disk agree about images and layers, both ways. */
import type { CheckOptions } from "../base/container_engine.ts";
import { describeError } from "../base/errors.ts";
import type { Fault } from "../base/fault.ts";
import { fileExists } from "../base/file_exists.ts";
import { discard } from "../fs/trash.ts";
import type { BrokenReference, LayerRow } from "./catalog.ts";
import { damagedLayer } from "./damage.ts";
import { digestOf } from "./digest.ts";
import { remake } from "./host_image.ts";
import { parseImageConfig } from "./image_config.ts";
import { again } from "./pull_again.ts";
import { parseReference } from "./reference.ts";
import type { Shelf } from "./shelf.ts";

/** With `digests` the layers are read anyway: what was found damaged once needs not be told before. */
export function* imageFaults(shelf: Shelf, { digests = false }: Pick<CheckOptions, "digests"> = {}): Generator<Fault> {
  yield* referenceFaults(shelf);
  for (const id of shelf.catalog.ids()) yield* configFaults(shelf, id);
  yield* nameFaults(shelf);
  for (const layer of shelf.catalog.layers()) yield* layerFaults(shelf, layer, digests);
  yield* madeLayerFaults(shelf);
  yield* orphans(shelf);
  yield* unusedLayers(shelf);
}

/** Of a row that refers to what is not there: what it means. */
const REFERENCES: Readonly<Record<string, (row: BrokenReference["columns"]) => Omit<Fault, "repair">>> = {
  "image_names images": ({ name, image }) => ({
    kind: "image-name",
    object: String(name),
    detail: `the name ${name} points to the image ${image}, which is not there`,
  }),
  "image_layers images": ({ image, layer }) => ({
    kind: "image-layers",
    object: String(image),
    detail: `the layer ${layer} is noted for the image ${image}, which is not there`,
  }),
  "layer_blobs layers": ({ layer, source }) => ({
    kind: "layer-blob",
    object: String(layer),
    detail: `it is noted as what ${source} has the layer ${layer}, which is not there`,
  }),
  "damaged_layers layers": ({ layer }) => ({
    kind: "layer-blob",
    object: String(layer),
    detail: `the layer ${layer} is noted as damaged, and is not there`,
  }),
};

function* referenceFaults({ catalog }: Shelf): Generator<Fault> {
  for (const reference of catalog.brokenReferences()) {
    const { table, parent, columns } = reference;
    const fault = REFERENCES[`${table} ${parent}`]?.(columns);
    // What an image lacks is told with the image: there is nothing to be removed.
    if (fault !== undefined) {
      yield {
        ...fault,
        repair: { done: "removed", run: () => catalog.deleteReference(reference) },
      };
    }
  }
  for (const { id, parent } of catalog.lostParents()) {
    yield {
      kind: "image-parent",
      object: id,
      detail: `the image ${id} is noted as built on the image ${parent}, which is not there`,
      repair: { done: "forgotten", run: () => catalog.forgetParent(id) },
    };
  }
}

/** The digests of the layers that an image has by its configuration; undefined where that cannot be read. */
function layersBy(bytes: Uint8Array): readonly string[] | undefined {
  try {
    return parseImageConfig(bytes).rootfs.diff_ids;
  } catch {
    return undefined;
  }
}

function* configFaults(shelf: Shelf, id: string): Generator<Fault> {
  const { catalog } = shelf;
  const bytes = catalog.configBytes(id) ?? new Uint8Array();
  const [found, diffIds] = [digestOf(bytes), layersBy(bytes)];
  if (found !== id || diffIds === undefined) {
    const why = found === id ? "it cannot be read" : `its digest is ${found}`;
    const detail = `the configuration of the image ${id} is damaged: ${why}: ${again(shelf, [id])}`;
    return yield { kind: "image-config", object: id, detail };
  }
  const fault = { kind: "image-layers", object: id };
  const missing = [...new Set(diffIds)].filter((diffId) => catalog.layer(diffId) === undefined);
  if (missing.length > 0) {
    yield { ...fault, detail: `the image ${id} lacks the layers ${missing.join(", ")}: ${again(shelf, [id])}` };
  } else if (catalog.diffIdsOf(id).join() !== diffIds.join()) {
    yield {
      ...fault,
      detail: `other layers are noted for the image ${id} than its configuration names`,
      repair: { done: "corrected", run: () => catalog.transaction(() => catalog.setLayers(id, diffIds)) },
    };
  }
}

/** No command can do anything with a name that is none, not even remove it. */
function* nameFaults({ catalog }: Shelf): Generator<Fault> {
  for (const name of catalog.allNames()) {
    try {
      parseReference(name);
    } catch (error) {
      yield {
        kind: "image-name",
        object: name,
        detail: `${JSON.stringify(name)} is no name of an image: ${describeError(error)}`,
        repair: { done: "removed", run: () => catalog.deleteName(name) },
      };
    }
  }
}

function* layerFaults(shelf: Shelf, { diffId, name }: LayerRow, digests: boolean): Generator<Fault> {
  const { catalog, folders } = shelf;
  const lost = (kind: string, what: string): Fault => ({
    kind,
    object: diffId,
    detail: `the layer ${diffId} has lost ${what}: ${again(shelf, catalog.imagesWith(diffId))}`,
  });
  const isThere = fileExists(folders.folder(name));
  if (!isThere) yield lost("layer-missing", `its folder layers/${name}`);
  else if (!fileExists(folders.skeleton(name))) {
    yield lost("layer-skeleton", `skeletons/${name}, without which it can be neither saved nor pushed`);
  } else if (!digests && catalog.isDamaged(diffId)) {
    yield damagedLayer(shelf, diffId, `the layer ${diffId} is damaged, as its digest has shown`);
  }
}

/** They are made of what their row says; what containers of the image `host` have mounted goes on as it is. */
function* madeLayerFaults({ catalog, folders }: Shelf): Generator<Fault> {
  for (const [content, name] of catalog.madeLayers()) {
    if (fileExists(folders.folder(name))) continue;
    yield {
      kind: "layer-made",
      object: `layers/${name}`,
      detail: `the folder layers/${name} is missing, which the engine has made for itself`,
      repair: { done: "made again", run: () => remake(folders, content, name) },
    };
  }
}

/** As long as an image lacks a layer, one of them may be just that, and containers may run on it. */
function* orphans({ root, catalog }: Shelf): Generator<Fault> {
  const lacking = catalog.brokenReferences().some(({ table, parent }) =>
    `${table} ${parent}` === "image_layers layers"
  );
  const layers = new Set(catalog.layers().map(({ name }) => name));
  const known = { layers: new Set([...layers, ...catalog.madeLayers().values()]), skeletons: layers };
  for (const folder of ["layers", "skeletons"] as const) {
    for (const { name } of Deno.readDirSync(`${root}/${folder}`)) {
      if (known[folder].has(name)) continue;
      const [kind, object] = [folder === "layers" ? "layer-orphan" : "skeleton-orphan", `${folder}/${name}`];
      const detail = `${object} belongs to no layer that is known`;
      if (lacking) yield { kind, object, detail: `${detail}, and may be what an image lacks` };
      else yield { kind, object, detail, repair: { done: "removed", run: () => discard(root, `${root}/${object}`) } };
    }
  }
}

function* unusedLayers(shelf: Shelf): Generator<Fault> {
  const { catalog } = shelf;
  // An image may have lost what was noted of its layers, and not the layers.
  const named = new Set(catalog.ids().flatMap((id) => layersBy(catalog.configBytes(id) ?? new Uint8Array()) ?? []));
  for (const { diffId } of shelf.unused()) {
    if (named.has(diffId)) continue;
    yield {
      kind: "layer-unused",
      object: diffId,
      detail: `no image has the layer ${diffId}`,
      repair: { done: "removed", run: () => void shelf.collect() },
    };
  }
}
