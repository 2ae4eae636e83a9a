/** The same file with the same values as in v1. */
export { pidsWrites } from "../v1/pids.ts";
