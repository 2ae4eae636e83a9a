import type { Measurement, Plan } from "./measurement.ts";
import type { Peer, PeerName } from "./peer.ts";
import type { RowResult } from "./result.ts";

/**
 * One measurement on all peers: A B C, A B C, …, so that what else goes on on the machine meets all of them. One that
 * fails is left out of what follows, and the table says why.
 */
export async function takeTurns(
  measurement: Measurement,
  peers: readonly Peer[],
  plan: Plan,
  rounds = measurement.rounds,
): Promise<RowResult[]> {
  const without = new Map<PeerName, string>();
  const samples = new Map<PeerName, (readonly number[])[]>();
  for (const peer of peers) {
    const reason = measurement.without(peer, plan);
    if (reason === undefined) samples.set(peer.name, []);
    else without.set(peer.name, reason);
  }
  const attempt = async (peer: Peer, step: () => Promise<unknown> | undefined) => {
    plan.signal.throwIfAborted();
    if (without.has(peer.name)) return;
    try {
      await step();
    } catch (error) {
      plan.signal.throwIfAborted();
      const [reason = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
      plan.say(`${measurement.name}: ${peer.name} failed: ${reason}`);
      without.set(peer.name, `failed: ${reason.slice(0, 160)}`);
    }
  };
  const takingPart = peers.filter(({ name }) => samples.has(name));
  for (const peer of takingPart) await attempt(peer, () => measurement.prepare?.(peer, plan));
  for (let round = measurement.warmUp ? 0 : 1; round <= rounds; round++) {
    plan.say(`${measurement.name}: ${round === 0 ? "warm-up" : `round ${round} of ${rounds}`}`);
    for (const peer of takingPart) {
      await attempt(peer, async () => {
        const taken = await measurement.sample(peer, plan, round);
        if (round > 0) samples.get(peer.name)?.push(taken);
      });
    }
  }
  for (const peer of takingPart) {
    try {
      await measurement.finish?.(peer, plan);
    } catch (error) {
      plan.say(`${measurement.name}: ${peer.name} cannot clear up: ${error}`);
    }
  }
  return measurement.rows.map((row, index) => ({
    ...row,
    samples: Object.fromEntries(
      Array.from(samples, ([name, taken]) => [name, taken.flatMap((figures) => figures[index] ?? [])]),
    ),
    without: Object.fromEntries(without),
  }));
}
