/** Waits `ms` milliseconds. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Pauses between tries in milliseconds: 1, 2, 4 … 64, 64, until about `total` are over. */
export function* pauses(total: number): Generator<number> {
  let pause = 1;
  for (let spent = 0; spent < total; spent += pause, pause = Math.min(64, pause * 2)) yield pause;
}
