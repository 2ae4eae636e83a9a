import { invoke, libc } from "./libc.ts";

export const WNOHANG = 1;

/** How a process ended: by itself with a code, or by a signal. */
export type WaitStatus = { readonly code: number } | { readonly signal: number };

/** What the number means that the wait calls give of a process that has ended (WIFEXITED and kin, wait(2)). */
export function decodeWaitStatus(status: number): WaitStatus {
  const signal = status & 0x7f;
  return signal === 0 ? { code: (status >> 8) & 0xff } : { signal };
}

/** The status of a child that has ended, which ends its time as a zombie; undefined while it runs. */
export function waitNoHang(pid: number): WaitStatus | undefined {
  const status = new Int32Array(1);
  const bytes = new Uint8Array(status.buffer);
  const ended = invoke("waitpid", () => libc().waitpid(pid, bytes, WNOHANG), () => ({
    object: `pid ${pid}`,
    flags: "WNOHANG",
  }));
  return ended === 0 ? undefined : decodeWaitStatus(status[0] ?? 0);
}

/** Sends a signal to a pid. Only for one's own children: any other pid may be somebody else's by now (see pidfd.ts). */
export function kill(pid: number, signal: number): void {
  invoke("kill", () => libc().kill(pid, signal), () => ({ object: `pid ${pid} with signal ${signal}` }));
}
