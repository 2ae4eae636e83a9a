/** The log of a container: opened for writing once per run, read by as many as like. */
export { logAttributes } from "./attributes.ts";
export { checkLogOptions, parseLogConfig } from "./options.ts";
export { readLog } from "./reader.ts";
export { LogWriter, openLog } from "./writer.ts";
