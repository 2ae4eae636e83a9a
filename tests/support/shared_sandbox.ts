import { type Requirements, requires } from "./requires.ts";
import { Sandbox } from "./sandbox.ts";

/**
 * A sandbox that the tests of a file share: opened by the first that runs, checked for leaks and closed after the last.
 * Each test uses names of its own, and removes what would disturb the others.
 */
export class SharedSandbox {
  readonly #needs: Requirements;
  readonly #env: Readonly<Record<string, string>>;
  #box: Promise<Sandbox> | undefined;

  constructor(needs: Requirements = {}, env: Readonly<Record<string, string>> = {}) {
    this.#needs = { root: true, cgroup: "any", command: "busybox", ...needs };
    this.#env = env;
    Deno.test.afterAll(async () => {
      const box = await this.#box?.catch(() => undefined);
      await box?.[Symbol.asyncDispose]();
    });
  }

  /** Registers a test; `needs` beside what the file needs. */
  test(name: string, fn: (box: Sandbox) => Promise<void>, needs: Requirements = {}): void {
    const skip = requires({ ...this.#needs, ...needs }, name);
    Deno.test({ name, ...skip, fn: async () => await fn(await (this.#box ??= Sandbox.open(this.#env))) });
  }
}
