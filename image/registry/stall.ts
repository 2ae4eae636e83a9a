import { PassingError } from "./registry_error.ts";

/** Milliseconds without a byte after which a connection counts as broken. */
const LONGEST_SILENCE = 60_000;

/** Notices when nothing has come for a minute: whoever moves bytes calls `moved`. */
export class Stall implements Disposable {
  readonly signal: AbortSignal;
  readonly #stop = new AbortController();
  readonly #longest: number;
  #moved = performance.now();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(signal: AbortSignal, longest = LONGEST_SILENCE) {
    this.signal = AbortSignal.any([signal, this.#stop.signal]);
    this.#longest = longest;
    this.#lookAfter(longest);
  }

  /** Cheap: it comes with each piece. */
  moved(): void {
    this.#moved = performance.now();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }

  #lookAfter(milliseconds: number): void {
    this.#timer = setTimeout(() => {
      const left = this.#moved + this.#longest - performance.now();
      if (left > 0) this.#lookAfter(left);
      else this.#stop.abort(new PassingError(`no answer for ${this.#longest / 1000} s`));
    }, milliseconds);
  }
}
