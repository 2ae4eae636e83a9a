import { invalid } from "../../base/errors.ts";

/** A path in a container or a volume. */
export interface RemotePlace {
  readonly of: string;
  readonly path: string;
}

/** One end of a copy; `-` is stdin or stdout. */
export type Place = RemotePlace | { readonly of?: undefined; readonly path: string };

/** An argument as docker splits it: a local path that has a colon begins with `/` or `.`. */
export function parsePlace(argument: string): Place {
  const colon = argument.indexOf(":");
  if (colon <= 0 || argument.startsWith("/") || argument.startsWith(".")) {
    return { path: colon === 0 ? argument.slice(1) : argument };
  }
  return { of: argument.slice(0, colon), path: argument.slice(colon + 1) };
}

/** Sources and destination of a command line. @throws `invalid` for empty ones */
export function parsePlaces(args: readonly string[]): { readonly sources: readonly Place[]; readonly to: Place } {
  const sources = args.slice(0, -1);
  const to = args.at(-1) ?? "";
  if (sources.includes("")) throw invalid("source can not be empty");
  if (to === "") throw invalid("destination can not be empty");
  return { sources: sources.map(parsePlace), to: parsePlace(to) };
}

/** A place as the user writes it. */
export function shownPlace({ of, path }: Place): string {
  return of === undefined ? path : `${of}:${path}`;
}
