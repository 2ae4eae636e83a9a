import { invoke, libc } from "./libc.ts";

/** `SIG_IGN` and `SIG_ERR` of signal(2), which are no addresses. */
const SIG_IGN = 1n;
const SIG_ERR = 0xffff_ffff_ffff_ffffn;

/** From now on the signal does nothing; whatever listened to it hears of it no more. */
export function ignoreSignal(signal: number): void {
  const set = () => libc().signal(signal, SIG_IGN) === SIG_ERR ? -1 : 0;
  invoke("signal", set, () => ({ object: `signal ${signal}`, flags: "SIG_IGN" }));
}
