/** What the tests of the log share. */
import type { Bytes, LogOptions } from "../../base/container_engine.ts";
import { openLog, type OpenLogOptions } from "./writer.ts";
import type { LogConfig } from "./options.ts";
import { readLog } from "./reader.ts";
import type { LogWriter } from "./writer.ts";

/** Text as bytes. */
export function bytes(text: string): Bytes {
  return new TextEncoder().encode(text);
}

/** A folder of its own that goes with the test. */
export function temporaryFolder(): { path: string } & Disposable {
  const path = Deno.makeTempDirSync({ prefix: "sauropod-log-" });
  return { path, [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }) };
}

/** All that a reader gives, as text. */
export async function readText(folder: string, options?: LogOptions, writer?: LogWriter): Promise<string> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const { data } of readLog(logFile(folder), options ?? {}, writer)) {
    text += decoder.decode(data, { stream: true });
  }
  return text;
}

/** The records in the file that is written now. */
export function records(
  folder: string,
): { log: string; stream: string; time: string; attrs?: Record<string, string> }[] {
  return Deno.readTextFileSync(logFile(folder)).split("\n").filter(Boolean).map((line) => JSON.parse(line));
}

/** Where the tests keep a log. */
export function logFile(folder: string): string {
  return `${folder}/x-json.log`;
}

/** Opens it. */
export function openTestLog(folder: string, config: LogConfig, options?: OpenLogOptions): LogWriter {
  return openLog(folder, logFile(folder), config, options);
}
