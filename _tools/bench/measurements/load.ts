import { finish, timed } from "../command.ts";
import { writeImageArchive, writeLayer } from "../image_archive.ts";
import { type ImageShape, layersOf } from "../image_layers.ts";
import { type Measurement, type Plan, scaled } from "../measurement.ts";
import type { Peer } from "../peer.ts";
import { usualImage } from "./pull.ts";

const withImages = ({ load }: Peer) => load === undefined ? "it has no images" : undefined;

/** An image of the same shape as the one that is pulled; a different one in each round, as there. */
export const load: Measurement = {
  name: "load",
  rows: [{ title: "`load` of such an image (tar.gz)", unit: "s", better: "less" }],
  rounds: 3,
  warmUp: true,
  without: withImages,
  async sample(peer, plan, round) {
    const { archive } = await written(usualImage(`bench-load:${round}`, plan), plan, ".tar.gz");
    return [await secondsOf(peer, archive)];
  },
};

/** What the format and the disk cost, by GNU tar: the one layer's tar, unpacked by root as the engines do it. */
export const loadManyFiles: Measurement = {
  name: "load-files",
  rows: [
    { title: "`load` of 50,000 small files (tar)", unit: "s", better: "less" },
    { title: "GNU tar: `tar -x` of the same", unit: "s", better: "less" },
    { title: "`load` against `tar -x`", unit: "×", better: "less" },
  ],
  rounds: 3,
  warmUp: true,
  without: withImages,
  async sample(peer, plan, round) {
    const shape = { name: `bench-files:${round}`, layers: 1, smallFiles: scaled(50_000, plan), largeFiles: 0 };
    const { archive, layer } = await written(shape, plan, ".tar");
    const loading = await secondsOf(peer, archive);
    const target = await Deno.makeTempDir({ dir: plan.folder });
    await finish({ argv: ["sync"] });
    const argv = ["tar", "--extract", "--same-owner", "--preserve-permissions", "-f", layer, "-C", target];
    const unpacking = await timed(() => finish({ argv })) / 1000;
    return [loading, unpacking, loading / unpacking];
  },
};

/** What the disk costs, by GNU cp. Both until it is on the disk. */
export const loadLargeFile: Measurement = {
  name: "load-large",
  rows: [
    { title: "`load` of one file of 500 MB (tar), and `sync`", unit: "s", better: "less" },
    { title: "`cp` of the same tar, and `sync`", unit: "s", better: "less" },
  ],
  rounds: 3,
  warmUp: true,
  without: withImages,
  async sample(peer, plan, round) {
    const largeFile = scaled(500_000_000, plan);
    const shape = { name: `bench-large:${round}`, layers: 1, smallFiles: 0, largeFiles: 1, largeFile };
    const { archive, layer } = await written(shape, plan, ".tar");
    const loading = await secondsOf(peer, archive, sync);
    await sync();
    const copying = timed(async () => {
      await finish({ argv: ["cp", layer, `${plan.folder}/copy-${peer.name}-${round}`] });
      await sync();
    });
    return [loading, await copying / 1000];
  },
};

async function secondsOf(peer: Peer, archive: string, after = () => Promise.resolve()): Promise<number> {
  const command = peer.load?.(archive);
  if (command === undefined) return NaN;
  await sync(); // what the one before has written is not to be paid by this one
  const milliseconds = await timed(async () => {
    await finish(command);
    await after();
  });
  return milliseconds / 1000;
}

async function sync(): Promise<void> {
  await finish({ argv: ["sync"] });
}

interface Written {
  readonly archive: string;
  /** The tar of its lowest layer. */
  readonly layer: string;
}

const archives = new Map<string, Promise<Written>>();

/** The archive of an image, written when the first peer asks for it. */
function written(shape: ImageShape, plan: Plan, suffix: ".tar" | ".tar.gz"): Promise<Written> {
  const path = `${plan.folder}/${shape.name.replace(":", "-")}`;
  const writing = archives.get(path) ?? write(shape, path, suffix, plan);
  archives.set(path, writing);
  return writing;
}

async function write(shape: ImageShape, path: string, suffix: string, plan: Plan): Promise<Written> {
  const [archive, layer] = [`${path}${suffix}`, `${path}-layer.tar`];
  plan.say(`writing the image ${archive}`);
  const layers = await layersOf(shape);
  await writeImageArchive(archive, [{ name: shape.name, layers }]);
  const [lowest] = layers;
  if (lowest !== undefined) await writeLayer(layer, lowest);
  return { archive, layer };
}
