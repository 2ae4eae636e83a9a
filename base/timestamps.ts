/** Moments as Docker writes them: RFC 3339 in UTC with nanoseconds. Reading them is base/time.ts's. */

/** What Docker shows for "never". */
export const ZERO_TIME = "0001-01-01T00:00:00Z";

const million = 1_000_000n;

/** Nanoseconds to add to the monotonic clock to get the time of day. */
let offset = 0n;

/**
 * Nanoseconds since 1970. The clock of the day ticks in milliseconds for JavaScript; what lies between comes from the
 * monotonic one, which is led back into the millisecond whenever the two drift apart or somebody sets the clock.
 */
export function nowNanoseconds(): bigint {
  const day = BigInt(Date.now()) * million;
  const monotonic = BigInt(Math.round(performance.now() * 1e6));
  const time = monotonic + offset;
  if (time < day) offset = day - monotonic;
  else if (time >= day + million) offset = day + million - 1n - monotonic;
  return monotonic + offset;
}

/** Now: `2026-01-02T03:04:05.123456789Z`. */
export function now(): string {
  return fromNanoseconds(nowNanoseconds());
}

/** Nanoseconds since 1970 as `2026-01-02T03:04:05.123456789Z`, always nine digits: texts sort as their times do. */
export function fromNanoseconds(nanoseconds: bigint): string {
  const fraction = ((nanoseconds % million) + million) % million;
  const milliseconds = Number((nanoseconds - fraction) / million);
  return `${new Date(milliseconds).toISOString().slice(0, -1)}${String(fraction).padStart(6, "0")}Z`;
}

/** The same with the zeros at the end of the fraction left out, as Go's RFC3339Nano has it: `2026-01-02T03:04:05.1Z`. */
export function shortTimestamp(nanoseconds: bigint): string {
  return fromNanoseconds(nanoseconds).replace(/\.?0*Z$/, "Z");
}
