import { parseRfc3339 } from "../../base/time.ts";
import type { Container } from "./container.ts";

const FIRST_DELAY = 100, LONGEST_DELAY = 60_000;
/** A run this long shows that the container works: the next delay is the first again. */
const STABLE = 10_000_000_000n;

interface Run {
  readonly exitCode: number;
  readonly startedAt: string;
  readonly finishedAt: string;
  /** The user ended it. */
  readonly stopped: boolean;
}

/** Milliseconds until the restart that the policy asks for after this run; undefined: none. */
export function restartDelay({ record }: Pick<Container, "record">, run: Run): number | undefined {
  const { Name, MaximumRetryCount } = record.hostConfig.RestartPolicy;
  const again = run.stopped ? false : Name === "always" || Name === "unless-stopped" ||
    (Name === "on-failure" && run.exitCode !== 0 &&
      (MaximumRetryCount === 0 || record.restartCount < MaximumRetryCount));
  if (!again) return undefined;
  const stable = parseRfc3339(run.finishedAt) - parseRfc3339(run.startedAt) > STABLE;
  return stable ? FIRST_DELAY : Math.min(FIRST_DELAY * 2 ** record.restartCount, LONGEST_DELAY);
}

/** Takes back a restart that is due. */
export function cancelRestart(container: Container): void {
  clearTimeout(container.restartTimer);
  const { state } = container;
  if (state.status === "exited" && state.restarting) container.move({ ...state, restarting: false, stopped: true });
}
