import type { Fd } from "./fd.ts";
import { invoke, libc } from "./libc.ts";

/** No more is sent: the other side reads its end, and may go on sending. */
export function closeSending(fd: Fd): void {
  const SHUT_WR = 1;
  invoke("shutdown", () => libc().shutdown(fd.number, SHUT_WR), () => ({ object: `descriptor ${fd.number}` }));
}
