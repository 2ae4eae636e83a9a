/** What this process is when it runs nobody's command. */
import { fileExists } from "../base/file_exists.ts";
import { duplicateTo } from "../sys/fd.ts";
import { O, open } from "../sys/open.ts";

export class OwnState {
  readonly #environment = Deno.env.toObject();
  readonly #umask = Deno.umask();
  #descriptors: ReadonlySet<number> = new Set();

  /** What is open before a command, but for the connections to those who have come. */
  remember(connections: readonly number[]): void {
    this.#descriptors = new Set(descriptors(connections));
  }

  /** Nothing of the caller's is kept: no folder or terminal is busy, no secret in an environment. */
  restore(): void {
    using nothing = open("/dev/null", O.RDWR);
    for (const number of [0, 1, 2]) duplicateTo(nothing, number);
    Deno.chdir("/");
    Deno.umask(this.#umask);
    replaceEnvironment(Object.entries(this.#environment));
  }

  /** Whether a command has left something open; those who have come meanwhile are no leaving of it. */
  hasMore(connections: readonly number[]): boolean {
    return descriptors(connections).some((number) => !this.#descriptors.has(number));
  }
}

/** Lets these be all variables of the environment. */
export function replaceEnvironment(variables: Iterable<readonly [name: string, value: string]>): void {
  for (const name of Object.keys(Deno.env.toObject())) Deno.env.delete(name);
  for (const [name, value] of variables) Deno.env.set(name, value);
}

/** The numbers of all that are open; not of the one that lists them. */
function descriptors(except: readonly number[]): number[] {
  const numbers = [...Deno.readDirSync("/proc/self/fd")].map(({ name }) => Number(name));
  return numbers.filter((number) => !except.includes(number) && fileExists(`/proc/self/fd/${number}`));
}
