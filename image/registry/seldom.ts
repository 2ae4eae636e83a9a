/** Milliseconds between two messages on one layer: eyes need no more. */
const EVERY = 100;

/** Passes on a figure at most so often. */
export function seldom(tell: (bytes: number) => void): (bytes: number) => void {
  let next = 0;
  return (bytes) => {
    const now = performance.now();
    if (now < next) return;
    next = now + EVERY;
    tell(bytes);
  };
}
