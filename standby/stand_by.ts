/**
 * A process that stands by: Deno and the program, started ahead, so that commands need not wait for that (22 of the 38 ms
 * that `exec` took). It runs one command at a time for whoever comes, and leaves when nobody has come for a while. Where a
 * command has left a descriptor open, or has used up what a process has once, it leaves and another one takes its place,
 * so that no command finds anything of another.
 *
 *     client (client.ts)                      standby
 *     connect ───────────────────────────▶    is it somebody like us? may the command run here?
 *             ◀────────────── one byte ───    takes its streams, folder, environment over
 *                                             or closes the connection: the client becomes Deno itself
 *     its signals, 8 bytes each ─────────▶    gives itself the signals, runs the command
 *             ◀─── how to end: signal or 0,   as often as that changes; then, or when it dies, closes the connection:
 *                  exit code, 8 bytes each    the client ends as was said last
 */
import { createServer, type Server, type Socket } from "node:net";
import { peerPid } from "../sys/peer.ts";
import { toElf } from "../runtime/tape/elf.ts";
import { Caller } from "./caller.ts";
import { clientTape } from "./client.ts";
import { Connection } from "./connection.ts";
import { type Place, STANDBY_WORD, startStandby } from "./place.ts";
import { OwnState } from "./own_state.ts";
import type { Program } from "./run_command.ts";

/**
 * So many milliseconds after a command has begun nobody waits for its end any more. To start for oneself takes 40, but
 * more when several do, and then what runs here is slow, too: with 30 four callers at a time were slower than without us.
 */
const LASTING = 100;

/** Runs commands of others until nobody comes any more, or somebody else stands by. */
export async function standBy(place: Place, program: Program): Promise<void> {
  using lock = Deno.openSync(place.lock, { create: true, write: true, mode: 0o600 });
  if (!lock.tryLockSync(true)) return;
  await program.load();
  writeClient(place);
  const ours = new OwnState();
  const callers = new Callers(place, program, ours);
  await callers.listen();
  rehearse(place);
  for (let taken; (taken = await callers.next()) !== undefined;) {
    const { args, connection } = taken;
    connection.follow();
    const lasting = setTimeout(() => {
      callers.turnAway();
      lock.unlockSync(); // somebody else may stand by until we do again
    }, LASTING);
    connection.end(await program.run(args));
    clearTimeout(lasting);
    await connection.close();
    ours.restore();
    if (program.isSpent() || !ours.isUnchanged(callers.waiting)) return await startStandby(place);
    if (!lock.tryLockSync(true)) return;
  }
}

/**
 * What is done for the first time takes longest: so we come ourselves once, and are turned away. And for the first
 * listener to a signal Deno opens descriptors that it keeps, which no command shall have left open.
 */
function rehearse({ socket }: Place): void {
  const nothing = () => {};
  Deno.addSignalListener("SIGCONT", nothing);
  Deno.removeSignalListener("SIGCONT", nothing);
  Deno.connect({ transport: "unix", path: socket }).then(async (connection) => {
    await connection.read(new Uint8Array(1));
    connection.close();
  }).catch(() => {});
}

/** Whoever starts commands finds it whole or not at all. */
function writeClient({ client, socket, deno }: Place): void {
  const aside = `${client}.${Deno.pid}`;
  Deno.writeFileSync(aside, toElf(clientTape(Deno.build.arch, socket, deno)), { mode: 0o755 });
  Deno.renameSync(aside, client);
}

/** What has been taken over from a caller: its words, and the connection to it. */
interface Taken {
  readonly args: readonly string[];
  readonly connection: Connection;
}

/** Those who want a command run. While one runs the others wait, until they are turned away. */
class Callers {
  readonly #place: Place;
  readonly #program: Program;
  readonly #ours: OwnState;
  readonly #server: Server;
  readonly #waiting: Socket[] = [];
  #turnsAway = false;
  #hand: ((taken: Taken | undefined) => void) | undefined;

  constructor(place: Place, program: Program, ours: OwnState) {
    this.#place = place;
    this.#program = program;
    this.#ours = ours;
    this.#server = createServer({ pauseOnConnect: true }, (socket) => {
      if (this.#turnsAway) return socket.destroy();
      this.#waiting.push(socket);
      this.#look();
    });
  }

  /** The descriptors of those who wait. */
  get waiting(): number[] {
    return this.#waiting.map((socket) => new Connection(socket).number);
  }

  /** Only our own user can connect: the mode of a socket comes from the umask. */
  async listen(): Promise<void> {
    const { socket } = this.#place;
    const umask = Deno.umask(0o077);
    try {
      await Deno.remove(socket).catch(() => {});
      await new Promise<void>((resolve, reject) => this.#server.once("error", reject).listen(socket, resolve));
    } finally {
      Deno.umask(umask);
    }
  }

  /** The next one; undefined when nobody comes for too long. */
  async next(): Promise<Taken | undefined> {
    const { promise, resolve } = Promise.withResolvers<Taken | undefined>();
    const patience = setTimeout(() => this.#give(undefined), this.#place.patience);
    this.#hand = resolve;
    this.#turnsAway = false;
    this.#look();
    const taken = await promise;
    clearTimeout(patience);
    return taken;
  }

  /** From now on, until the next one is asked for, everybody has to do without us. */
  turnAway(): void {
    this.#turnsAway = true;
    for (const socket of this.#waiting.splice(0)) socket.destroy();
  }

  #look(): void {
    while (this.#hand !== undefined) {
      const socket = this.#waiting.shift();
      if (socket === undefined) return;
      const taken = this.#take(socket);
      if (taken === undefined) socket.destroy();
      else this.#give(taken);
    }
  }

  #give(taken: Taken | undefined): void {
    this.#hand?.(taken);
    this.#hand = undefined;
  }

  /** Takes over what the process at the other end is there for; undefined if it shall do that itself. */
  #take(socket: Socket): Taken | undefined {
    const connection = new Connection(socket);
    this.#ours.remember([connection.number, ...this.waiting]);
    try {
      using caller = new Caller(peerPid(connection.number), this.#place.program);
      const { args, atTerminal } = caller;
      if (!caller.isLikeUs() || this.#program.wantsOwnProcess(args, atTerminal) || args[0] === STANDBY_WORD) return;
      caller.become();
      return { args, connection };
    } catch {
      return; // it has ended, or is somebody whom we may not look at: it does without us
    }
  }
}
