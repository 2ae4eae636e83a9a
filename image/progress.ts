import type { ProgressMessage } from "../base/docker/image.ts";

/**
 * Runs `work` and gives what it tells, as it tells it. Who stops listening, aborts the work; either way it has ended
 * when this has.
 */
export async function* progressOf(
  work: (tell: (message: ProgressMessage) => void, signal: AbortSignal) => Promise<void>,
  signal?: AbortSignal,
): AsyncGenerator<ProgressMessage> {
  const told: ProgressMessage[] = [];
  let wake = () => {};
  let ended = false;
  const stop = new AbortController();
  const tell = (message: ProgressMessage) => {
    told.push(message);
    wake();
  };
  const done = work(tell, signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal])).finally(() => {
    ended = true;
    wake();
  });
  done.catch(() => {}); // it is awaited below
  try {
    while (true) {
      const message = told.shift();
      if (message !== undefined) yield message;
      else if (ended) break;
      else await new Promise<void>((resolve) => wake = resolve);
    }
    await done;
  } finally {
    stop.abort();
    await done.catch(() => {});
  }
}
