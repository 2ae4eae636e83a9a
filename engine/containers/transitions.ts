import { internal } from "../../base/errors.ts";
import type { LifecycleState } from "../container_record.ts";

type Status = LifecycleState["status"];

/** Which state may follow which; the picture is in container_record.ts. */
const TRANSITIONS: Readonly<Record<Status, readonly Status[]>> = {
  created: ["starting", "removing", "created"],
  starting: ["running", "created", "exited"],
  running: ["running", "exited"],
  exited: ["starting", "removing", "exited"],
  removing: ["created", "exited"],
};

/** @throws `internal` for a move that the life of a container does not have: a mistake of the engine. */
export function checkTransition(id: string, from: Status, to: Status): void {
  if (!TRANSITIONS[from].includes(to)) throw internal(`container ${id}: no way leads from ${from} to ${to}`);
}
