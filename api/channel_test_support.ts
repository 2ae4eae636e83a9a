/** Values that come one by one; a reader waits for the next, and its going is seen. */
export class Channel<T> implements AsyncIterable<T> {
  readonly #values: T[] = [];
  #wake = Promise.withResolvers<void>();
  #ended = false;

  get length(): number {
    return this.#values.length;
  }

  push(value: T): void {
    this.#values.push(value);
    this.#wake.resolve();
  }

  end(): void {
    this.#ended = true;
    this.#wake.resolve();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    for (;;) {
      const value = this.#values.shift();
      if (value !== undefined) yield value;
      else if (this.#ended) return;
      else {
        this.#wake = Promise.withResolvers();
        await this.#wake.promise;
      }
    }
  }
}
