/**
 * The seats of those who stand by: files, each locked by one of them. All listen at one socket, so whoever is idle takes
 * the next caller; who comes later gets it from one who is there, by what that one has written into its seat.
 */
import { fileExists } from "../base/file_exists.ts";
import { textIfThere } from "../base/text_if_there.ts";
import { stat } from "../sys/attributes.ts";
import type { Fd } from "../sys/fd.ts";
import { pidfdGetFd, pidfdOpen } from "../sys/pidfd.ts";
import { listenAt } from "../sys/unix_socket.ts";
import type { Place } from "./place.ts";

export class Seat {
  readonly listener: Fd;
  readonly #lock: Deno.FsFile;

  private constructor(lock: Deno.FsFile, listener: Fd) {
    this.#lock = lock;
    this.listener = listener;
  }

  /** Takes a free one; undefined when there is none. */
  static take(place: Place): Seat | undefined {
    using turn = Deno.openSync(place.lock, { create: true, write: true, mode: 0o600 });
    turn.lockSync(true); // who comes at the same time waits until we listen
    for (const path of place.seats) {
      using undo = new DisposableStack();
      const seat = undo.use(Deno.openSync(path, { create: true, write: true, mode: 0o600 }));
      if (!seat.tryLockSync(true)) continue;
      const listener = undo.use(listenerOf(place.seats.filter((other) => other !== path)) ?? listen(place.socket));
      seat.truncateSync();
      seat.writeSync(new TextEncoder().encode(`${Deno.pid} ${listener.number} ${stat(listener).inode}`));
      undo.move();
      return new Seat(seat, listener);
    }
    return undefined;
  }

  /** Gives it up: no caller is ours any more, and somebody else may take it. */
  leave(): void {
    if (this.listener.number < 0) return;
    this.listener.close();
    this.#lock.close();
  }
}

/** What those who have these seats listen at; undefined when there is nobody. */
function listenerOf(seats: readonly string[]): Fd | undefined {
  for (const seat of seats) {
    const [pid = 0, number = 0, inode] = textIfThere(seat).split(" ").map(Number);
    try {
      using undo = new DisposableStack();
      using process = pidfdOpen(pid);
      const listener = undo.use(pidfdGetFd(process, number));
      if (Number(stat(listener).inode) !== inode) continue; // he has left
      undo.move();
      return listener;
    } catch {
      // He has left, and there is no such process or descriptor any more.
    }
  }
  return undefined;
}

/** Only our own user can connect: the mode of a socket comes from the umask. */
function listen(path: string): Fd {
  const umask = Deno.umask(0o077);
  try {
    if (fileExists(path)) Deno.removeSync(path);
    return listenAt(path);
  } finally {
    Deno.umask(umask);
  }
}
