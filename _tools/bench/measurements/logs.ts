import { finish, timed } from "../command.ts";
import { type Measurement, scaled } from "../measurement.ts";
import { image } from "../peer.ts";

/** Bytes that the container prints, in lines of 100. */
const bytes = 40_000_000;

/** From the start of a container that prints as fast as it can until `wait` says that it has ended, its log written. */
export const logs: Measurement = {
  name: "logs",
  rows: [{ title: "log written (json-file, lines of 100 bytes)", unit: "MB/s", better: "more" }],
  rounds: 3,
  warmUp: true,
  without: ({ cli }) => cli === undefined ? "it has no log" : undefined,
  async sample(peer, plan) {
    const { cli } = peer;
    if (cli === undefined) return [];
    const size = scaled(bytes, plan);
    const script = `yes ${"x".repeat(99)} | head -c ${size}`;
    const options = ["--name", "bench-logs", "--network", "none", "--log-driver", "json-file"];
    await finish(cli("create", ...options, image, "sh", "-c", script));
    try {
      const milliseconds = await timed(async () => {
        await finish(cli("start", "bench-logs"));
        await finish(cli("wait", "bench-logs"));
      });
      return [size / 1000 / milliseconds];
    } finally {
      await peer.remove(["bench-logs"]);
    }
  },
};
