/** Finds the route of a request; Docker's answer for a path and for a method that does not exist is the same 404. */
import { invalid, notFound } from "../base/errors.ts";
import type { ApiVersion } from "./api_version.ts";
import type { Handler } from "./exchange.ts";
import type { Route } from "./routes.ts";

interface Compiled {
  readonly pattern: RegExp;
  readonly since: ApiVersion;
  readonly handler: Handler;
}

/** A route that fits, and the `{name}` in its path. */
export interface Found {
  readonly handler: Handler;
  readonly since: ApiVersion;
  readonly name: string;
}

export class Router {
  /** By method and first segment of the path: `GET /images`. */
  readonly #routes = new Map<string, Compiled[]>();

  constructor(routes: readonly Route[]) {
    for (const [method, path, since, handler] of routes) {
      const key = keyOf(method, path);
      const pattern = new RegExp(`^${path.replace("{name...}", "(.+)").replace("{name}", "([^/]+)")}$`);
      this.#routes.set(key, [...this.#routes.get(key) ?? [], { pattern, since, handler }]);
    }
  }

  /**
   * The route of a path without version and query.
   * @throws `not_found` when there is none, `invalid` when the path is badly escaped.
   */
  find(method: string, path: string): Found {
    for (const { pattern, since, handler } of this.#routes.get(keyOf(method, path)) ?? []) {
      const match = pattern.exec(path);
      if (match !== null) return { handler, since, name: decode(match[1] ?? "") };
    }
    throw pageNotFound();
  }
}

export function pageNotFound() {
  return notFound("page not found");
}

function keyOf(method: string, path: string): string {
  const end = path.indexOf("/", 1);
  return `${method} ${end < 0 ? path : path.slice(0, end)}`;
}

function decode(escaped: string): string {
  try {
    return decodeURIComponent(escaped);
  } catch (cause) {
    throw invalid(`invalid URL escape in ${JSON.stringify(escaped)}`, { cause });
  }
}
