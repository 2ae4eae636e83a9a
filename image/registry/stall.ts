import { PassingError } from "./registry_error.ts";

/** Milliseconds without a byte after which a connection counts as broken. */
const LONGEST_SILENCE = 60_000;

/** Notices when nothing has come for a minute: whoever moves bytes calls `moved`. */
export class Stall implements Disposable {
  readonly signal: AbortSignal;
  readonly #stop = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(signal: AbortSignal) {
    this.signal = AbortSignal.any([signal, this.#stop.signal]);
    this.moved();
  }

  moved(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#stop.abort(new PassingError(`no answer for ${LONGEST_SILENCE / 1000} s`));
    }, LONGEST_SILENCE);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}
