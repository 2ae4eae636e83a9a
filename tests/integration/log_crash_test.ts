/** A log whose engine is killed in the middle of writing: nothing that was handed to it is missing afterwards. */
import assert from "node:assert/strict";
import { readLog } from "../../engine/log/reader.ts";
import { openLog } from "../../engine/log/writer.ts";

const JSON_FILE = { Type: "json-file", Config: { "max-size": "10m", "max-file": "9" } };

/** Output as a chatty process makes it: numbered lines, cut anywhere; a terminal's prompt has no end of line for long. */
const PROGRAM = `
import { openLog } from "${new URL("../../engine/log/writer.ts", import.meta.url)}";
const log = openLog(Deno.args[0], Deno.args[1], ${JSON.stringify(JSON_FILE)});
let text = "", line = 0, done = 0;
for (;;) {
  while (text.length < 5000) text += "line " + line++ + "-".repeat(line % 700) + "\\n";
  const piece = text.slice(0, 1 + (line * 7919) % 4999);
  text = text.slice(piece.length);
  log.append("stdout", new TextEncoder().encode(piece));
  done += piece.length;
  Deno.stdout.writeSync(new TextEncoder().encode(done + "\\n"));
}`;

function expected(length: number): string {
  let text = "";
  for (let line = 0; text.length < length;) text += `line ${line++}${"-".repeat(line % 700)}\n`;
  return text;
}

Deno.test("a writer killed at any moment has lost nothing that append() had taken", async () => {
  for (let round = 0; round < 5; round++) {
    const folder = await Deno.makeTempDir({ prefix: "sauropod-log-" });
    const file = `${folder}/x-json.log`;
    const program = `${folder}/program.ts`;
    await Deno.writeTextFile(program, PROGRAM);
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", "--no-check", program, folder, file],
      stdout: "piped",
    }).spawn();
    let taken = "";
    for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
      taken += chunk;
      if (taken.length > 5000 * (round + 1)) break;
    }
    child.kill("SIGKILL");
    await child.status;
    const length = Number(taken.slice(0, taken.lastIndexOf("\n")).split("\n").at(-1));

    openLog(folder, file, JSON_FILE).end();
    let text = "";
    for await (const { data } of readLog(file, {})) text += new TextDecoder().decode(data);
    assert(text.length >= length, `${text.length} of at least ${length} bytes`);
    assert(expected(text.length).startsWith(text));
    await Deno.remove(folder, { recursive: true });
  }
});
