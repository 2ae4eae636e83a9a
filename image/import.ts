import type { ImageImportOptions } from "../base/container_engine.ts";
import type { ProgressMessage } from "../base/docker/image.ts";
import { failpoint } from "../base/failpoint.ts";
import { invalid } from "../base/errors.ts";
import { now } from "../base/timestamps.ts";
import { applyChanges } from "./change.ts";
import { ARCHITECTURE } from "./host_image.ts";
import { newImage, newImageName } from "./new_image.ts";
import { newLayer } from "./new_layer.ts";
import { progressOf } from "./progress.ts";
import type { Shelf } from "./shelf.ts";
import { storeTar, type TarSource } from "./stored_tar.ts";

/** Makes an image of one layer from the tar of a root file system, plain or compressed. */
export function importImage(
  shelf: Shelf,
  tar: TarSource,
  options: ImageImportOptions = {},
): AsyncGenerator<ProgressMessage> {
  return progressOf(async (tell, stopped) => {
    const name = newImageName(shelf, options.reference);
    const config = applyChanges({}, options.changes ?? []);
    const platform = platformOf(options.platform);
    const comment = options.message || "Imported from -"; // as Docker has it, whose clients send none
    using stored = await storeTar(`${shelf.root}/staging`, tar, stopped);
    using layer = await newLayer(shelf, stored, stopped);
    failpoint("import.layer");
    const created = now();
    const rootfs = { type: "layers", diff_ids: [layer.diffId] } as const;
    const history = [{ created, comment }];
    const image = { ...platform, os: "linux", created, config, comment, rootfs, history };
    const id = newImage(shelf, { config: image, name }, "import.image");
    shelf.emit("import", id, id);
    tell({ status: id });
  }, options.signal);
}

function platformOf(platform = `linux/${ARCHITECTURE}`): { architecture: string; variant?: string } {
  const [os, architecture = ARCHITECTURE, variant] = platform.includes("/") ? platform.split("/") : ["linux", platform];
  if (os !== "linux") throw invalid(`operating system is not supported: ${os}`);
  return { architecture, ...variant !== undefined && { variant } };
}
