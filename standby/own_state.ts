/** What this process is when it runs nobody's command. */
import { fileExists } from "../base/file_exists.ts";
import { duplicateTo } from "../sys/fd.ts";
import { O, open } from "../sys/open.ts";

export class OwnState {
  readonly #environment = Deno.env.toObject();
  readonly #umask = Deno.umask();
  #descriptors = "";

  /** How things are before a command; the descriptor of the connection to its caller aside. */
  remember(connection: number): void {
    this.#descriptors = descriptors(connection);
  }

  /** Nothing of the caller's is kept: no folder or terminal is busy, no secret in an environment. */
  restore(): void {
    using nothing = open("/dev/null", O.RDWR);
    for (const number of [0, 1, 2]) duplicateTo(nothing, number);
    Deno.chdir("/");
    Deno.umask(this.#umask);
    replaceEnvironment(Object.entries(this.#environment));
  }

  /** Whether a command has left nothing open. */
  isUnchanged(): boolean {
    return descriptors() === this.#descriptors;
  }
}

/** Lets these be all variables of the environment. */
export function replaceEnvironment(variables: Iterable<readonly [name: string, value: string]>): void {
  for (const name of Object.keys(Deno.env.toObject())) Deno.env.delete(name);
  for (const [name, value] of variables) Deno.env.set(name, value);
}

/** The numbers of all that are open; not of the one that lists them. */
function descriptors(except?: number): string {
  const numbers = [...Deno.readDirSync("/proc/self/fd")].map(({ name }) => Number(name));
  return numbers.filter((number) => number !== except && fileExists(`/proc/self/fd/${number}`)).sort().join(" ");
}
