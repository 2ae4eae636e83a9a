import type { CheckOptions, EventsOptions, System } from "../../base/container_engine.ts";
import type { EventMessage, StoreCheck, SystemInfo, SystemVersion } from "../../base/docker/system.ts";
import { type HttpClient, jsonLines } from "./http.ts";
import { apiPath } from "./path.ts";

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
    const path = apiPath("/system/check", { ...options });
    return await (await this.#http.request({ method: "POST", path })).json() as StoreCheck;
  }

  async #get(path: string): Promise<unknown> {
    return await (await this.#http.request({ method: "GET", path: apiPath(path) })).json();
  }
}
