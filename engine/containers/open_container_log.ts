import { logAttributes, type LogWriter, openLog } from "../log/log.ts";
import type { Parts } from "../parts.ts";
import type { Container } from "./container.ts";

/** Opens the log of a container for its next lines. */
export function openContainerLog(parts: Parts, { record, folders }: Container): LogWriter {
  const report = (message: string) => parts.log(`log of container ${record.id}: ${message}`);
  const attributes = logAttributes(record);
  return openLog(folders.log, folders.logFile, record.hostConfig.LogConfig, { attributes, report });
}
