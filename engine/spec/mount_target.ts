import { invalid } from "../../base/errors.ts";

/** An absolute path of the container that is not `/`, nor /proc or below it (CVE-2019-16884, CVE-2023-27561). */
export function checkTarget(path: string): string {
  if (!path.startsWith("/")) throw invalid(`invalid mount path: '${path}' mount path must be absolute`);
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..")) throw invalid(`invalid mount path: '${path}' must not have '..' in it`);
  if (parts.length === 0) throw invalid(`invalid specification: destination can't be '/'`);
  if (parts[0] === "proc") throw invalid(`invalid mount path: '${path}': nothing can be mounted in /proc`);
  return `/${parts.join("/")}`;
}
