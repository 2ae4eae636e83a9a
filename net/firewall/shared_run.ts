/**
 * Work of which one run serves everybody who has asked before it began. One run at a time: who asks during a run gets
 * the next one.
 */
export class SharedRun {
  readonly #work: () => Promise<void>;
  #next: PromiseWithResolvers<void> | undefined;
  #running = false;

  constructor(work: () => Promise<void>) {
    this.#work = work;
  }

  /** Settles with the first run that begins after this call. */
  request(): Promise<void> {
    this.#next ??= Promise.withResolvers();
    const { promise } = this.#next;
    if (!this.#running) this.#loop();
    return promise;
  }

  async #loop(): Promise<void> {
    this.#running = true;
    await Promise.resolve(); // who asks in the same breath is served by the same run
    for (let turn = this.#next; turn !== undefined; turn = this.#next) {
      this.#next = undefined;
      await this.#work().then(turn.resolve, turn.reject);
    }
    this.#running = false;
  }
}
