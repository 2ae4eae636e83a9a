/** Does one thing after the other: changes of one object never overlap. */
export class Serial {
  #last: Promise<unknown> = Promise.resolve();

  /** Runs `work` when everything asked for before is over, whether it failed or not. */
  run<T>(work: () => T | Promise<T>): Promise<T> {
    const result = this.#last.then(work, work);
    this.#last = result.catch(() => {});
    return result;
  }
}
