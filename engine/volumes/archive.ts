/** A volume as a tar: out, and in. */
import type { Bytes } from "../../base/container_engine.ts";
import { conflict } from "../../base/errors.ts";
import { failpoint } from "../../base/failpoint.ts";
import { packTree } from "../../fs/pack_tree.ts";
import { UnionFolder } from "../../fs/union_folder.ts";
import { unpackTree } from "../../fs/unpack_tree.ts";
import { volumeData } from "../../fs/volumes.ts";
import { O, open } from "../../sys/open.ts";
import type { Parts } from "../parts.ts";
import { makeVolume, unmakeVolume } from "./create.ts";
import { withDriverMount } from "./driver_mount.ts";
import { fill } from "./fill.ts";
import type { Volume } from "./volume.ts";
import { publishVolumeEvent } from "./volume_event.ts";

/** Its files as they are when each is read. Nobody removes it while the stream is read. */
export function exportVolume(parts: Parts, volume: Volume): ReadableStream<Bytes> {
  return ReadableStream.from(pieces(parts, volume));
}

async function* pieces(parts: Parts, volume: Volume): AsyncGenerator<Bytes> {
  volume.pins++;
  try {
    if (volume.plain) return yield* contents(volumeData(parts.settings.root, volume.name));
    // The mount must stay as long as somebody reads.
    const done = Promise.withResolvers<void>();
    const ready = Promise.withResolvers<string>();
    const held = withDriverMount(parts, volume, async (folder) => {
      ready.resolve(folder);
      await done.promise;
    });
    held.catch(ready.reject);
    try {
      yield* contents(await ready.promise);
    } finally {
      done.resolve();
      await held;
    }
  } finally {
    volume.pins--;
  }
}

async function* contents(folder: string): AsyncGenerator<Bytes> {
  using root = UnionFolder.plain(folder);
  yield* packTree(root, { top: "./" });
}

/**
 * Unpacks a tar, plain or compressed, into a volume that is made for it, whole or not at all; or into one that is there
 * and empty.
 * @throws `conflict` when there is something in it, `invalid` for a tar that is none
 */
export async function importVolume(parts: Parts, name: string, tar: ReadableStream<Bytes>): Promise<void> {
  const { settings: { root }, volumes } = parts;
  const found = volumes.find(name);
  if (found !== undefined) return await importInto(parts, found, tar);
  const volume = makeVolume(parts, { name, labels: {}, options: {}, anonymous: false });
  volume.pins++;
  try {
    await unpackInto(volumeData(root, name), tar);
    failpoint("volume.import.unpacked");
    volumes.store([volume]);
  } catch (error) {
    unmakeVolume(parts, volume);
    throw error;
  } finally {
    volume.pins--;
  }
  publishVolumeEvent(parts, name, "create");
}

async function importInto(parts: Parts, volume: Volume, tar: ReadableStream<Bytes>): Promise<void> {
  volume.pins++;
  try {
    const done = await volume.serial.run(() => fill(parts, volume, (folder) => unpackInto(folder, tar)));
    if (!done) throw conflict(`the volume ${volume.name} is not empty`);
  } finally {
    volume.pins--;
    await tar.cancel().catch(() => {}); // where nobody has read it
  }
}

async function unpackInto(folder: string, tar: AsyncIterable<Bytes>): Promise<void> {
  using root = open(folder, O.RDONLY | O.DIRECTORY);
  await unpackTree(tar, root);
}
