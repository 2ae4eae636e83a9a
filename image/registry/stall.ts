import { PassingError } from "./registry_error.ts";

/** Milliseconds without a byte after which a connection counts as broken. */
const LONGEST_SILENCE = 60_000;

/** Notices when nothing has come for a minute: whoever moves bytes calls `moved`. */
export class Stall implements Disposable {
  readonly signal: AbortSignal;
  readonly #stop = new AbortController();
  #moved = performance.now();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(signal: AbortSignal) {
    this.signal = AbortSignal.any([signal, this.#stop.signal]);
    this.#lookAfter(LONGEST_SILENCE);
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
      const left = this.#moved + LONGEST_SILENCE - performance.now();
      if (left > 0) this.#lookAfter(left);
      else this.#stop.abort(new PassingError(`no answer for ${LONGEST_SILENCE / 1000} s`));
    }, milliseconds);
  }
}
