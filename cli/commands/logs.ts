import { parseTimestamp } from "../../base/time.ts";
import { defineCommand } from "../command.ts";
import { invalid } from "../../base/errors.ts";

export const command = defineCommand({
  usage: "[OPTIONS] CONTAINER",
  summary: "Fetch the logs of a container",
  flags: {
    details: { type: "bool", help: "Show extra details provided to logs" },
    follow: { type: "bool", short: "f", help: "Follow log output" },
    since: {
      type: "string",
      help: 'Show logs since timestamp (e.g. "2013-01-02T13:23:37Z") or relative (e.g. "42m" for 42 minutes)',
    },
    tail: { type: "string", short: "n", default: "all", help: "Number of lines to show from the end of the logs" },
    timestamps: { type: "bool", short: "t", help: "Show timestamps" },
    until: {
      type: "string",
      help: 'Show logs before a timestamp (e.g. "2013-01-02T13:23:37Z") or relative (e.g. "42m" for 42 minutes)',
    },
  },
  args: { min: 1, max: 1 },
  async run({ engine, stdout, stderr }, { details, follow, since, tail, timestamps, until }, [id = ""]) {
    const now = BigInt(Date.now()) * 1_000_000n;
    const { frames } = await engine.containers.logs(id, {
      stdout: true,
      stderr: true,
      details,
      follow,
      timestamps,
      ...lines(tail),
      ...since !== undefined && { since: parseTimestamp(since, now) },
      ...until !== undefined && { until: parseTimestamp(until, now) },
    });
    for await (const { stream, data } of frames) await (stream === "stdout" ? stdout : stderr).write(data);
    return 0;
  },
});

/** `all`, or how many; a negative number means all, as in docker. */
function lines(text: string): { tail?: number } {
  if (text === "all" || text === "" || /^-\d+$/.test(text)) return {};
  if (!/^\d+$/.test(text)) throw invalid(`invalid tail ${JSON.stringify(text)}: a number of lines, or "all"`);
  return { tail: Number(text) };
}
