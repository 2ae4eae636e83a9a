/** So many may do something at once; the others wait in their order. */
export class Slots {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  /** Does `work` when its turn comes; `onWait` is told when that is not at once. */
  async run<T>(work: () => Promise<T>, onWait: () => void = () => {}): Promise<T> {
    if (this.#free > 0) this.#free--;
    else {
      onWait();
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free++;
      else next();
    }
  }
}
