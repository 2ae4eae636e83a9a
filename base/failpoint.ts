import { internal } from "./errors.ts";

/**
 * Named places where a test makes the engine fail: SAUROPOD_FAIL=`start.spawned:kill,create.row:error`. `kill` is what
 * `kill -9` or a power cut does; `error` goes the way of every failure, undo included, once: the next try gets through.
 * Without the variable a failpoint is one look into an empty map.
 */
const points: Map<string, string> = new Map(
  (Deno.env.get("SAUROPOD_FAIL") ?? "").split(",").filter((point) => point.includes(":")).map((point) => {
    const colon = point.lastIndexOf(":");
    return [point.slice(0, colon), point.slice(colon + 1)] as const;
  }),
);

/** Fails here if a test asks for it. Names are `verb.step`; the step has just been done. */
export function failpoint(name: string): void {
  const wish = points.get(name);
  if (wish === "kill") {
    console.error(`failpoint ${name}: kill`);
    Deno.kill(Deno.pid, "SIGKILL");
  }
  if (wish === "error") {
    points.delete(name);
    throw internal(`failpoint ${name}`);
  }
}
