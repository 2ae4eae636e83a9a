/** Does one thing after the other: changes of one object never overlap. */
export class Serial {
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /** Whether something is being done, or waits for it. */
  get busy(): boolean {
    return this.#waiting > 0;
  }

  /** Runs `work` when everything asked for before is over, whether it failed or not. */
  run<T>(work: () => T | Promise<T>): Promise<T> {
    this.#waiting++;
    const result = this.#last.then(work, work).finally(() => this.#waiting--);
    this.#last = result.catch(() => {});
    return result;
  }

  /** Waits until everything asked for before is over; what comes later waits until the result is disposed of. */
  async turn(): Promise<AsyncDisposable> {
    const [begun, over] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const done = this.run(() => {
      begun.resolve();
      return over.promise;
    });
    await begun.promise;
    return {
      async [Symbol.asyncDispose]() {
        over.resolve();
        await done;
      },
    };
  }
}
