/** Shows the progress of load, import, pull and push as docker does. */
import type { ProgressMessage } from "../../base/docker/image.ts";
import { internal } from "../../base/errors.ts";
import { humanSize } from "../../base/units.ts";
import type { Output } from "../command.ts";

/**
 * Prints the messages as they come. On a terminal each id has its line, which is rewritten; elsewhere only what is no
 * progress is printed.
 * @throws `internal` with the words of a message that tells of an error.
 */
export async function showProgress(output: Output, messages: AsyncIterable<ProgressMessage>): Promise<void> {
  const lines = new Map<string, number>();
  for await (const message of messages) {
    if (message.error !== undefined) throw internal(message.errorDetail?.message ?? message.error);
    if (message.aux !== undefined) continue; // for programs
    const text = messageText(message);
    if (!output.isTerminal) {
      if (progressBar(message) === "") output.print(text);
      continue;
    }
    const { id = "" } = message;
    if (id === "" || message.stream !== undefined) {
      lines.clear(); // what comes after scrolls: lines above are not reached any more
      output.print(text);
      continue;
    }
    const isNew = !lines.has(id);
    if (isNew) {
      lines.set(id, lines.size);
      output.print("\n");
    }
    const up = lines.size - (lines.get(id) ?? 0);
    output.print(`\x1b[${up}A\x1b[2K\r${text.trimEnd()}\r\x1b[${up}B`);
  }
}

function messageText(message: ProgressMessage): string {
  if (message.stream !== undefined) return message.stream;
  const bar = progressBar(message);
  const id = message.id === undefined || message.id === "" ? "" : `${message.id}: `;
  return `${id}${message.status ?? ""}${bar === "" ? "" : ` ${bar}`}\n`;
}

/** `[=====>     ]  1.2MB/4.5MB`; empty when the message tells of no progress. */
function progressBar({ progress, progressDetail }: ProgressMessage): string {
  const { current = 0, total = 0 } = progressDetail ?? {};
  if (current <= 0 && total <= 0) return progress ?? "";
  const done = humanSize(current);
  if (total <= 0 || current > total) return done.padStart(8);
  const parts = Math.min(50, Math.trunc(current / total * 50));
  const bar = `${"=".repeat(parts)}${parts < 50 ? ">" : ""}`.padEnd(50);
  return `[${bar}] ${done.padStart(8)}/${humanSize(total)}`;
}
