/** Signals by name and number, as Docker takes them. Numbers are those of x86_64 and aarch64 (signal(7)). */
import { invalid } from "./errors.ts";

/** The name without `SIG` to the number. */
export const SIGNALS: Readonly<Record<string, number>> = {
  HUP: 1,
  INT: 2,
  QUIT: 3,
  ILL: 4,
  TRAP: 5,
  ABRT: 6,
  IOT: 6,
  BUS: 7,
  FPE: 8,
  KILL: 9,
  USR1: 10,
  SEGV: 11,
  USR2: 12,
  PIPE: 13,
  ALRM: 14,
  TERM: 15,
  STKFLT: 16,
  CHLD: 17,
  CLD: 17,
  CONT: 18,
  STOP: 19,
  TSTP: 20,
  TTIN: 21,
  TTOU: 22,
  URG: 23,
  XCPU: 24,
  XFSZ: 25,
  VTALRM: 26,
  PROF: 27,
  WINCH: 28,
  IO: 29,
  POLL: 29,
  PWR: 30,
  SYS: 31,
  RTMIN: 34, // glibc and musl keep 32 and 33 for themselves
  RTMAX: 64,
};

/** What `stop` sends when neither image nor user says otherwise. */
export const DEFAULT_STOP_SIGNAL = "SIGTERM";

/**
 * The number of `SIGKILL`, `kill`, `9` or `RTMIN+3`, the case of letters aside.
 * @throws `invalid` with Docker's sentence: `Invalid signal: x`.
 */
export function parseSignal(text: string): number {
  const number = /^\d+$/.test(text) ? Number(text) : byName(text.toUpperCase().replace(/^SIG/, ""));
  if (number === undefined || number < 1 || number > 64) throw invalid(`Invalid signal: ${text}`);
  return number;
}

function byName(name: string): number | undefined {
  if (Object.hasOwn(SIGNALS, name)) return SIGNALS[name];
  const [, base, sign, distance] = /^(RTMIN|RTMAX)([+-])(\d{1,2})$/.exec(name) ?? [];
  if (base === undefined) return undefined;
  const number = base === "RTMIN" && sign === "+"
    ? 34 + Number(distance)
    : base === "RTMAX" && sign === "-"
    ? 64 - Number(distance)
    : 0;
  return number >= 34 && number <= 64 ? number : undefined;
}

/** `SIGKILL` for 9; `SIGRTMIN+1` for 35; the number itself where there is no name. */
export function signalName(number: number): string {
  const name = Object.keys(SIGNALS).find((key) => SIGNALS[key] === number);
  if (name !== undefined) return `SIG${name}`;
  return number > 34 && number < 64 ? `SIGRTMIN+${number - 34}` : String(number);
}
