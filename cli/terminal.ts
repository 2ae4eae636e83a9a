/** The caller's terminal while a process in a container has it. */
import type { TerminalSize } from "../base/container_engine.ts";
import { invalid } from "../base/errors.ts";
import { SIGNALS } from "../base/signals.ts";
import type { Context } from "./command.ts";

/** Signals that end this program unless it listens. */
const endingSignals = ["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM"] as const;

/** @throws `invalid` when a terminal is asked for and stdin, which is to be its input, is none. */
export function checkTerminal({ stdin }: Context, attachStdin: boolean, tty: boolean): void {
  if (attachStdin && tty && !stdin.isTerminal) throw invalid("the input device is not a TTY");
}

/** Rows and columns; [0, 0] when stdout is no terminal. */
export function consoleSize({ stdout }: Context): [number, number] {
  if (!stdout.isTerminal) return [0, 0];
  const { rows, columns } = Deno.consoleSize();
  return [rows, columns];
}

/**
 * Every key goes to the process as it is, until disposed of. The terminal is given back whatever happens: a signal that
 * would end this program does so in order, unless `forwarded` says that signals go to the process.
 */
export function rawTerminal(forwarded: boolean): Disposable {
  Deno.stdin.setRaw(true);
  const restore = () => Deno.stdin.setRaw(false);
  const listeners = (forwarded ? [] : endingSignals).map((name) => {
    const leave = () => {
      restore();
      Deno.exit(128 + (SIGNALS[name.slice(3)] ?? 0));
    };
    Deno.addSignalListener(name, leave);
    return [name, leave] as const;
  });
  addEventListener("unload", restore);
  return {
    [Symbol.dispose]() {
      for (const [name, leave] of listeners) Deno.removeSignalListener(name, leave);
      removeEventListener("unload", restore);
      restore();
    },
  };
}

/**
 * Tells the process the size of the terminal, now and whenever it changes. A process that has just been started may not
 * be ready for it: it is told again a few times, as docker does.
 */
export function followSize(resize: (size: TerminalSize) => Promise<void>): Disposable {
  let stopped = false;
  const tell = async () => {
    for (let wait = 10; !stopped && wait <= 160; wait *= 2) {
      try {
        const { rows, columns } = Deno.consoleSize();
        return await resize({ rows, columns });
      } catch (_) {
        await new Promise((resolve) => setTimeout(resolve, wait));
      }
    }
  };
  const changed = () => void tell();
  Deno.addSignalListener("SIGWINCH", changed);
  changed();
  return {
    [Symbol.dispose]() {
      stopped = true;
      Deno.removeSignalListener("SIGWINCH", changed);
    },
  };
}
