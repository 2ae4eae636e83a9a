/**
 * A process that stands by: Deno and the program, started ahead, so that commands need not wait for that (22 of the 38 ms
 * that `exec` took). It runs one command at a time for whoever comes, and leaves when nobody has come for a while; where
 * somebody had to wait it calls for another one. After a command that has left a descriptor open, used up what a process
 * has once, or lasted, it leaves, and another one may take its place: no command finds anything of another.
 *
 *     client (client.ts)                      standby
 *     connect ───────────────────────────▶    is it somebody like us? may the command run here?
 *             ◀────────────── one byte ───    holds its streams, and offers to run it;
 *                                             or closes the connection: the client becomes Deno itself
 *     one byte ──────────────────────────▶    takes its streams, folder, environment over, runs the command
 *     its signals, 8 bytes each ─────────▶    gives them to itself
 *             ◀─── how to end: signal or 0,   as often as that changes; then, or when it dies, closes the connection:
 *                  exit code, 8 bytes each    the client ends as was said last
 */
import { Reactor, type Watch } from "../runtime/reactor.ts";
import { toElf } from "../runtime/tape/elf.ts";
import type { Fd } from "../sys/fd.ts";
import { peerPid } from "../sys/peer.ts";
import { tryAcceptAt } from "../sys/unix_socket.ts";
import { Caller } from "./caller.ts";
import { clientTape } from "./client.ts";
import { Connection } from "./connection.ts";
import { OwnState } from "./own_state.ts";
import { ensureStandby, type Place } from "./place.ts";
import type { Program } from "./run_command.ts";
import { Seat } from "./seat.ts";

/**
 * So many milliseconds after a command has begun nobody waits for its end any more. To start for oneself takes 40, but
 * more when several do, and then what runs here is slow, too: with 30 four callers at a time were slower than without us.
 */
const LASTING = 100;

/** Runs commands of others until nobody comes any more, or one has left something behind. */
export async function standBy(place: Place, program: Program): Promise<void> {
  const seat = Seat.take(place);
  if (seat !== undefined) await serve(place, program, seat);
}

async function serve(place: Place, program: Program, seat: Seat): Promise<void> {
  await program.load();
  writeClient(place);
  const callers = new Callers(place, program, seat);
  const ours = new OwnState();
  rehearse(place);
  for (let taken; (taken = await callers.next()) !== undefined;) {
    const { caller, connection } = taken;
    caller.become();
    caller[Symbol.dispose]();
    ours.remember(callers.descriptors);
    connection.follow();
    let lasts = false;
    const lasting = setTimeout(() => {
      lasts = true;
      callers.turnAway();
    }, LASTING);
    const code = await program.run(caller.args).catch(() => undefined);
    clearTimeout(lasting);
    const othersWait = callers.wait();
    connection.end(code ?? 1);
    ours.restore();
    if (code === undefined || lasts || program.isSpent() || ours.hasMore(callers.descriptors)) {
      callers.turnAway();
      return await ensureStandby(place); // the client ends with us, when nothing of its own is held any more
    }
    connection[Symbol.dispose]();
    if (othersWait) await ensureStandby(place, place.seats.length);
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

/** Whose command runs here. */
interface Taken {
  readonly caller: Caller;
  readonly connection: Connection;
}

/** Those who want a command run. While all who stand by are busy they wait in the kernel. */
class Callers {
  readonly #place: Place;
  readonly #program: Program;
  readonly #seat: Seat;
  readonly #reactor = new Reactor({ onError: () => Deno.exit(1) });
  readonly #watch: Watch;
  /** Wakes who waits for the next one. */
  #wake = () => {};
  /** Who has come while another's command ran. */
  #early: Fd | undefined;
  #taken: Connection | undefined;

  constructor(place: Place, program: Program, seat: Seat) {
    this.#place = place;
    this.#program = program;
    this.#seat = seat;
    this.#watch = this.#reactor.watch(seat.listener, {
      read: () => {
        this.#watch.pause();
        this.#wake();
      },
    });
    this.#watch.pause();
  }

  /** The connections to them: what is open here though no command has opened it. */
  get descriptors(): number[] {
    return [this.#early, this.#taken].flatMap((connection) => connection?.number ?? []);
  }

  /** Whether somebody waits though others stand by, too; we have him then. */
  wait(): boolean {
    this.#early ??= this.#accept();
    return this.#early !== undefined;
  }

  /** The next one; undefined when nobody comes for too long, or one has come whom somebody else should serve. */
  async next(): Promise<Taken | undefined> {
    this.#taken = undefined;
    for (const end = performance.now() + this.#place.patience;;) {
      const fd = this.#early ?? this.#accept();
      this.#early = undefined;
      if (fd === undefined) {
        if (!await this.#comes(end - performance.now())) return undefined;
        continue;
      }
      const taken = await this.#take(fd);
      if (taken === "not for us") return undefined;
      if (taken !== undefined) return taken;
    }
  }

  /** From now on everybody has to do without us, and somebody else may stand by in our place. */
  turnAway(): void {
    this.#watch[Symbol.dispose]();
    this.#seat.leave();
    this.#early?.close();
    this.#early = undefined;
  }

  #accept(): Fd | undefined {
    const { listener } = this.#seat;
    return listener.number < 0 ? undefined : tryAcceptAt(listener);
  }

  async #comes(milliseconds: number): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => resolve(false), Math.max(0, milliseconds));
    this.#wake = () => resolve(true);
    this.#watch.resume();
    const comes = await promise;
    this.#watch.pause();
    clearTimeout(timer);
    this.#wake = () => {};
    return comes;
  }

  /** Takes over what the process at the other end is there for; undefined if it shall do that itself. */
  async #take(fd: Fd): Promise<Taken | "not for us" | undefined> {
    using undo = new DisposableStack();
    const connection = undo.use(new Connection(fd, this.#reactor));
    try {
      const pid = peerPid(fd.number);
      const caller = undo.use(new Caller(pid, this.#place.program));
      if (!caller.isLikeUs()) return "not for us";
      if (pid === Deno.pid || caller.namesDescriptors) return undefined;
      if (this.#program.wantsOwnProcess(caller.args, caller.atTerminal)) return undefined;
      caller.hold();
      if (!await connection.offer()) return undefined;
      undo.move();
      this.#taken = connection;
      return { caller, connection };
    } catch {
      return undefined; // it has ended, or is somebody whom we may not look at
    }
  }
}
