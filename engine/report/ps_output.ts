/** What the host's `ps` prints, cut down to the processes of one container (moby, daemon/top_unix.go). */
import type { TopResult } from "../../base/docker/container.ts";
import { internal } from "../../base/errors.ts";

/** @throws `internal` with Docker's sentence when there is no PID column to go by. */
export function parsePsOutput(text: string, pids: ReadonlySet<number>): TopResult {
  const [header = "", ...lines] = text.split("\n");
  const Titles = fields(header);
  const column = Titles.indexOf("PID");
  if (column < 0) throw internal("Couldn't find PID field in ps output");
  const Processes: string[][] = [];
  let ours = false;
  for (const line of lines.map(fields).filter(({ length }) => length > 0)) {
    const pid = line[column] ?? "";
    // A line without a pid is a thread of the process before it (`ps m`).
    if (pid !== "-") {
      if (!/^\d+$/.test(pid)) throw internal(`Unexpected pid '${pid}'`);
      ours = pids.has(Number(pid));
    }
    if (!ours) continue;
    const last = Titles.length - 1; // the command, which has blanks of its own
    Processes.push([...line.slice(0, last), line.slice(last).join(" ")]);
  }
  return { Titles, Processes };
}

function fields(line: string): string[] {
  return line.split(/[\t\n\f\r ]+/).filter(Boolean);
}
