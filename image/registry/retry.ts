import { PassingError } from "./registry_error.ts";

/** How often what fails in passing is tried, as Docker does with layers. */
const ATTEMPTS = 5;
const LONGEST_DELAY = 15_000;

export interface Patience {
  /** Milliseconds before the second attempt; doubled each time. */
  readonly delay: number;
  readonly signal: AbortSignal;
  /** Told before each wait, in seconds. */
  readonly onWait?: (seconds: number) => void;
  /** Gives what was achieved so far: with progress since the last attempt the count begins anew. */
  readonly achieved?: () => number;
}

/** Does `work` until it succeeds, waiting ever longer. @throws what it throws, unless that passes */
export async function withRetries<T>(
  { delay, signal, onWait, achieved = () => 0 }: Patience,
  work: () => Promise<T>,
): Promise<T> {
  let before = achieved();
  for (let attempt = 1;; attempt++) {
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof PassingError)) throw error;
      if (achieved() > before) [before, attempt] = [achieved(), 1];
      if (attempt >= ATTEMPTS) throw error;
      const wait = Math.max(Math.min(delay * 2 ** (attempt - 1), LONGEST_DELAY), error.retryAfter ?? 0);
      onWait?.(Math.ceil(wait / 1000));
      // Many who were refused together must not come back together.
      await pause(wait * (1 + Math.random() / 4), signal);
    }
  }
}

/** @throws the signal's reason */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, milliseconds);
  const stop = () => resolve();
  signal.addEventListener("abort", stop, { once: true });
  await promise;
  clearTimeout(timer);
  signal.removeEventListener("abort", stop);
  signal.throwIfAborted();
}
