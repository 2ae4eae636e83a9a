import type { CheckOptions, CheckProgress, EventsOptions, System } from "../../base/container_engine.ts";
import type { EventMessage, StoreCheck, SystemInfo, SystemVersion } from "../../base/docker/system.ts";
import { unavailable } from "../../base/errors.ts";
import { type HttpClient, jsonLines } from "./http.ts";
import { apiPath } from "./path.ts";

/** A line of the answer of a check whose progress is asked for. */
type CheckLine = { readonly Progress: CheckProgress } | { readonly Result: StoreCheck };

export class RemoteSystem implements System {
  readonly #http: HttpClient;

  constructor(http: HttpClient) {
    this.#http = http;
  }

  async info(): Promise<SystemInfo> {
    return await this.#get("/info") as SystemInfo;
  }

  async version(): Promise<SystemVersion> {
    return await this.#get("/version") as SystemVersion;
  }

  async *events(
    options: EventsOptions = {},
  ): AsyncGenerator<EventMessage, void, void> {
    const { since, until, filters, signal } = options;
    const path = apiPath("/events", { since, until, filters });
    const { body } = await this.#http.request({ method: "GET", path, signal });
    yield* jsonLines(body) as AsyncIterable<EventMessage>;
  }

  async diskUsage(): Promise<Record<string, unknown>> {
    return await this.#get("/system/df") as Record<string, unknown>;
  }

  async check(options: CheckOptions = {}): Promise<StoreCheck> {
    const { repair, digests, progress, signal } = options;
    const path = apiPath("/system/check", { repair, digests, progress: progress !== undefined });
    const response = await this.#http.request({ method: "POST", path, signal });
    if (progress === undefined) return await response.json() as StoreCheck;
    for await (const line of jsonLines(response.body) as AsyncIterable<CheckLine>) {
      if ("Result" in line) return line.Result;
      progress(line.Progress);
    }
    throw unavailable("the engine has broken the check off");
  }

  async #get(path: string): Promise<unknown> {
    return await (await this.#http.request({ method: "GET", path: apiPath(path) })).json();
  }
}
