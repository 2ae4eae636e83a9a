import type { ContainerEngine } from "../base/container_engine.ts";
import { closeInspector } from "./close_inspector.ts";

/** What can be caught, and means something to a process that was told to end, to reload or to go on. */
const forwarded = [
  "SIGHUP",
  "SIGINT",
  "SIGQUIT",
  "SIGTERM",
  "SIGUSR1",
  "SIGUSR2",
  "SIGALRM",
  "SIGCONT",
] as const;

/** Passes the signals that this program gets on to a container, until disposed of. */
export function forwardSignals(engine: ContainerEngine, container: string): Disposable {
  const listeners = forwarded.map((name) => {
    // A container that has just ended is no failure of the caller's.
    const forward = () => {
      void engine.containers.kill(container, { signal: name }).catch(() => {});
      if (name === "SIGUSR1") void closeInspector();
    };
    Deno.addSignalListener(name, forward);
    return [name, forward] as const;
  });
  return {
    [Symbol.dispose]() {
      for (const [name, forward] of listeners) Deno.removeSignalListener(name, forward);
    },
  };
}
