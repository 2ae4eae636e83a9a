import { isErrno } from "../../sys/syscall_error.ts";
import { killAll } from "../kill_all.ts";
import { go, stop } from "./freezer.ts";

/** Kills all processes of the group whose freezer folder this is; one that was paused is thawed, or it could not die. */
export function kill(folder: string): void {
  try {
    killAll(folder, () => stop(folder), () => go(folder));
  } catch (error) {
    if (!isErrno(error, "ENOENT", "ENODEV")) throw error; // gone already
  }
}
