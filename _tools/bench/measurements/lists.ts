import { HttpClient } from "../../../api/client/http.ts";
import { finish, timed } from "../command.ts";
import { writeImageArchive } from "../image_archive.ts";
import { layersOf } from "../image_layers.ts";
import { type Measurement, names, scaled } from "../measurement.ts";
import type { Peer } from "../peer.ts";

const withLists = ({ cli }: Peer) => cli === undefined ? "it has no lists" : undefined;

export const volumeLs: Measurement = {
  name: "volume-ls",
  rows: [{ title: "`volume ls` with 1,000 volumes", unit: "ms", better: "less" }],
  rounds: 15,
  warmUp: true,
  without: withLists,
  async prepare(peer, plan) {
    const volumes = names("volume", scaled(1000, plan));
    plan.say(`${peer.name}: making ${volumes.length} volumes`);
    await createVolumes(peer, volumes);
  },
  sample: async ({ cli }) => cli === undefined ? [] : [await timed(() => finish(cli("volume", "ls")))],
  async finish({ cli }, plan) {
    if (cli !== undefined) await finish(cli("volume", "rm", ...names("volume", scaled(1000, plan))));
  },
};

/** By the API where there is one, since a command each takes long. */
async function createVolumes({ api, cli }: Peer, volumes: readonly string[]): Promise<void> {
  if (api === undefined) {
    for (const name of volumes) if (cli !== undefined) await finish(cli("volume", "create", name));
    return;
  }
  const http = new HttpClient(api.socket);
  try {
    for (const Name of volumes) {
      const path = `/${api.version}/volumes/create`;
      await (await http.request({ method: "POST", path, json: { Name } })).text();
    }
  } finally {
    http.close();
  }
}

export const images: Measurement = {
  name: "images",
  rows: [{ title: "`images` with 500 images", unit: "ms", better: "less" }],
  rounds: 15,
  warmUp: true,
  without: (peer) => peer.name === "podman" ? "it takes over a minute for 500 images" : withLists(peer),
  async prepare(peer, plan) {
    const archive = `${plan.folder}/many-images.tar`;
    const layers = await layersOf({ name: "many", layers: 1, smallFiles: 1, largeFiles: 0 });
    const images = names("image", scaled(500, plan)).map((name) => ({ name: `${name}:latest`, layers }));
    await writeImageArchive(archive, images);
    const command = peer.load?.(archive);
    if (command !== undefined) await finish(command);
  },
  sample: async ({ cli }) => cli === undefined ? [] : [await timed(() => finish(cli("images")))],
  async finish({ cli }, plan) {
    if (cli !== undefined) await finish(cli("rmi", ...names("image", scaled(500, plan))));
  },
};
