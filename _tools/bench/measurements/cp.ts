import { finish, timed } from "../command.ts";
import { type Measurement, type Plan, scaled } from "../measurement.ts";

const container = "bench-cp";

/** Into a container that runs, each round to another place in it. */
export const cp: Measurement = {
  name: "cp",
  rows: [{ title: "`cp` of 10,000 files into a container", unit: "s", better: "less" }],
  rounds: 3,
  warmUp: true,
  without: ({ cli }) => cli === undefined ? "it has no cp" : undefined,
  async prepare(peer, plan) {
    await writeFiles(plan);
    await finish(peer.runDetached(container));
  },
  async sample({ cli }, plan, round) {
    if (cli === undefined) return [];
    await finish({ argv: ["sync"] });
    return [await timed(() => finish(cli("cp", folderOf(plan), `${container}:/copy-${round}`))) / 1000];
  },
  async finish(peer) {
    await peer.remove([container]);
  },
};

function folderOf({ folder }: Plan): string {
  return `${folder}/cp`;
}

/** Files of 1 to 8 KB, hundred to a folder. */
async function writeFiles(plan: Plan): Promise<void> {
  const content = new Uint8Array(8192).fill(0x61);
  for (let index = 0; index < scaled(10_000, plan); index++) {
    const folder = `${folderOf(plan)}/${Math.floor(index / 100)}`;
    if (index % 100 === 0) await Deno.mkdir(folder, { recursive: true });
    await Deno.writeFile(`${folder}/${index}.txt`, content.subarray(0, 1024 + (index * 769) % 7168));
  }
}
