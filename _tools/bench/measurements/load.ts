import { finish, timed } from "../command.ts";
import { writeImageArchive } from "../image_archive.ts";
import { type Measurement, type Plan, scaled } from "../measurement.ts";

/**
 * An image that nobody has yet, a different one in each round. Nothing is removed in between: on ext4 with discard a
 * removal slows down whatever is written after it.
 */
export const load: Measurement = {
  name: "load",
  rows: [{ title: "`load` of a 200 MB image of 10,000 files (tar.gz)", unit: "s", better: "less" }],
  rounds: 3,
  warmUp: true,
  without: ({ load }) => load === undefined ? "it has no images" : undefined,
  async sample(peer, plan, round) {
    const command = peer.load?.(await archiveOf(plan, round));
    if (command === undefined) return [];
    await finish({ argv: ["sync"] }); // what the one before has written is not to be paid by this one
    return [await timed(() => finish(command)) / 1000];
  },
};

const written = new Map<number, Promise<string>>();

function archiveOf(plan: Plan, round: number): Promise<string> {
  const path = `${plan.folder}/image-${round}.tar.gz`;
  const writing = written.get(round) ?? write(path, plan, round);
  written.set(round, writing);
  return writing;
}

async function write(path: string, plan: Plan, round: number): Promise<string> {
  plan.say(`writing the image ${path}`);
  const small = scaled(10_000, plan);
  const large = scaled(16, plan);
  await writeImageArchive(path, { name: `bench-load:${round}`, smallFiles: small, largeFiles: large });
  return path;
}
