import type { Bytes, ImageImportOptions } from "../base/container_engine.ts";
import type { ProgressMessage } from "../base/docker/image.ts";
import { failpoint } from "../base/failpoint.ts";
import { invalid } from "../base/errors.ts";
import { now } from "../base/timestamps.ts";
import { Spool } from "./archive.ts";
import { applyChanges } from "./change.ts";
import { digestOf } from "./digest.ts";
import { refuseHostName } from "./find.ts";
import { ARCHITECTURE } from "./host_image.ts";
import { type ImageConfig } from "./image_config.ts";
import { progressOf } from "./progress.ts";
import { canonical, parseReference, type Reference, withDefaultTag } from "./reference.ts";
import type { Shelf } from "./shelf.ts";
import { Unpackers } from "./unpackers.ts";

/** Makes an image of one layer from the tar of a root file system, plain or compressed. */
export function importImage(
  shelf: Shelf,
  tar: AsyncIterable<Bytes>,
  options: ImageImportOptions = {},
): AsyncGenerator<ProgressMessage> {
  return progressOf(async (tell, stopped) => {
    const reference = referenceOf(shelf, options.reference);
    const config = applyChanges({}, options.changes ?? []);
    const platform = platformOf(options.platform);
    const message = options.message || "Imported from -"; // as Docker has it, whose clients send none
    using spool = await Spool.of(`${shelf.root}/staging`, tar, () => {}, stopped);
    using after = new DisposableStack();
    after.defer(() => shelf.collect()); // the layer, if the image does not come
    const layer = await unpack(shelf, spool, stopped);
    using _held = layer.held;
    const created = now();
    const image: ImageConfig = {
      ...platform,
      os: "linux",
      created,
      config,
      comment: message,
      rootfs: { type: "layers", diff_ids: [layer.diffId] },
      history: [{ created, comment: message }],
    };
    const bytes = new TextEncoder().encode(JSON.stringify(image));
    const id = digestOf(bytes);
    shelf.catalog.transaction(() => {
      shelf.catalog.putImage(id, bytes, [layer.diffId], undefined, created);
      if (reference !== undefined) shelf.catalog.setName(canonical(reference), id, created);
      failpoint("import.image");
    });
    shelf.emit("import", id, id);
    tell({ status: id });
  }, options.signal);
}

function referenceOf(shelf: Shelf, text: string | undefined): Reference | undefined {
  if (!text) return undefined;
  const reference = withDefaultTag(parseReference(text));
  if (reference.digest !== undefined) throw invalid("cannot import digest reference");
  refuseHostName(shelf, reference);
  return reference;
}

function platformOf(platform = `linux/${ARCHITECTURE}`): { architecture: string; variant?: string } {
  const [os, architecture = ARCHITECTURE, variant] = platform.includes("/") ? platform.split("/") : ["linux", platform];
  if (os !== "linux") throw invalid(`operating system is not supported: ${os}`);
  return { architecture, ...variant !== undefined && { variant } };
}

/** The layer, held until an image has it. */
async function unpack(
  shelf: Shelf,
  spool: Spool,
  signal: AbortSignal,
): Promise<{ diffId: string; held: Disposable }> {
  const staged = shelf.folders.stage();
  using undo = new DisposableStack();
  undo.defer(() => shelf.folders.drop(staged));
  using unpackers = new Unpackers();
  const { folder, skeleton } = staged;
  const job = { source: spool.range, folder, skeleton, expected: {}, limits: shelf.limits, needsEnd: true };
  const unpacked = await unpackers.unpack(job, { progress: () => {}, signal });
  const held = shelf.hold([unpacked.diffId]);
  undo.defer(() => held[Symbol.dispose]());
  shelf.enter(staged, unpacked);
  failpoint("import.layer");
  undo.move();
  return { diffId: unpacked.diffId, held };
}
