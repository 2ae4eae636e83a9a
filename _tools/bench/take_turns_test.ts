import assert from "node:assert/strict";
import type { Measurement, Plan } from "./measurement.ts";
import type { Peer, PeerName } from "./peer.ts";
import { takeTurns } from "./take_turns.ts";

/** Only its name is asked for here. */
const peer = (name: PeerName) => ({ name }) as Peer;
const peers = [peer("sauropod"), peer("docker"), peer("runc")];

function plan(signal = new AbortController().signal): Plan {
  return { folder: "", scale: 1, say: () => {}, signal };
}

function measurement(steps: string[], part: Partial<Measurement> = {}): Measurement {
  return {
    name: "steps",
    rows: [{ title: "steps", unit: "ms", better: "less" }],
    rounds: 2,
    warmUp: true,
    without: () => undefined,
    sample: ({ name }, _plan, round) => {
      steps.push(`${name} ${round}`);
      return Promise.resolve([round]);
    },
    ...part,
  };
}

Deno.test("takeTurns() goes from peer to peer in each round and throws the warm-up away", async () => {
  const steps: string[] = [];
  const [row] = await takeTurns(measurement(steps), peers.slice(0, 2), plan());
  assert.deepEqual(steps, ["sauropod 0", "docker 0", "sauropod 1", "docker 1", "sauropod 2", "docker 2"]);
  assert.deepEqual(row?.samples, { sauropod: [1, 2], docker: [1, 2] });
});

Deno.test("takeTurns() leaves out who cannot take part, and who fails, and says why", async () => {
  const finished: string[] = [];
  const [row] = await takeTurns(
    measurement([], {
      without: ({ name }) => name === "runc" ? "it has no log" : undefined,
      sample: ({ name }) => name === "docker" ? Promise.reject(new Error("no space\nleft")) : Promise.resolve([7]),
      finish: ({ name }) => Promise.resolve(void finished.push(name)),
    }),
    peers,
    plan(),
  );
  assert.deepEqual(row?.without, { runc: "it has no log", docker: "failed: no space" });
  assert.deepEqual(row?.samples, { sauropod: [7, 7], docker: [] });
  assert.deepEqual(finished, ["sauropod", "docker"], "what was prepared is undone, also after a failure");
});

Deno.test("takeTurns() ends when the bench is interrupted", async () => {
  const interrupted = new AbortController();
  const steps: string[] = [];
  const running = takeTurns(
    measurement(steps, {
      sample: ({ name }) => {
        steps.push(name);
        interrupted.abort();
        return Promise.resolve([1]);
      },
    }),
    peers,
    plan(interrupted.signal),
  );
  await assert.rejects(running, { name: "AbortError" });
  assert.deepEqual(steps, ["sauropod"]);
});
