/** The same files with the same values as in v1; an empty group of v2 has its parent's CPUs by itself. */
export { cpusetWrites } from "../v1/cpuset.ts";
