import { invalid } from "../../base/errors.ts";

const single = new Set(
  ["msgmax", "msgmnb", "msgmni", "sem", "shmall", "shmmax", "shmmni", "shm_rmid_forced"].map((name) =>
    `kernel.${name}`
  ),
);

/** Only what belongs to a namespace, as docker's CLI; the engine looks again, with the container's namespaces in view. */
export function checkSysctl(text: string): void {
  const [name = ""] = text.split("=", 1);
  const allowed = single.has(name) || name.startsWith("net.") || name.startsWith("fs.mqueue.");
  if (!allowed || !text.includes("=")) throw invalid(`sysctl '${text}' is not allowed`);
}
