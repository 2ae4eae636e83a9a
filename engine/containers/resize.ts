import type { TerminalSize } from "../../base/container_engine.ts";
import { conflict } from "../../base/errors.ts";
import type { Fd } from "../../sys/fd.ts";
import { setWindowSize } from "../../sys/terminal.ts";
import type { Container } from "./container.ts";

/** Tells the terminal of a container its size. @throws `conflict` when it does not run; without a terminal nothing happens. */
export function resizeTerminal({ id, running }: Container, size: TerminalSize): void {
  if (running === undefined) throw conflict(`Container ${id} is not running`);
  resize(running.terminal, size);
}

export function resize(terminal: Fd | undefined, size: TerminalSize): void {
  if (terminal !== undefined) setWindowSize(terminal, size);
}
