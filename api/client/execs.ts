import type {
  AttachedStreams,
  Execs,
  ExecStartOptions,
  TapeListing,
  TerminalSize,
} from "../../base/container_engine.ts";
import type { ExecCreate, ExecInspect } from "../../base/docker/exec.ts";
import type { HttpClient, HttpRequest } from "./http.ts";
import { apiPath, containerPart } from "./path.ts";
import { RemoteStreams } from "./remote_streams.ts";

export class RemoteExecs implements Execs {
  readonly #http: HttpClient;

  constructor(http: HttpClient) {
    this.#http = http;
  }

  create(container: string, config: ExecCreate): Promise<{ Id: string }> {
    return this.#json({ method: "POST", path: apiPath(`/containers/${containerPart(container)}/exec`), json: config });
  }

  async start(
    id: string,
    options: ExecStartOptions = {},
  ): Promise<AttachedStreams | undefined> {
    const { detach = false, tty = false, consoleSize: size } = options;
    const ConsoleSize = size === undefined ? undefined : [size.rows, size.columns];
    const request: HttpRequest = {
      method: "POST",
      path: apiPath(`/exec/${containerPart(id)}/start`),
      json: { Detach: detach, Tty: tty, ConsoleSize },
    };
    if (!detach) return new RemoteStreams(await this.#http.hijack(request), tty);
    await (await this.#http.request(request)).text();
    return undefined;
  }

  inspect(id: string): Promise<ExecInspect> {
    return this.#json({ method: "GET", path: apiPath(`/exec/${containerPart(id)}/json`) });
  }

  async resize(id: string, size: TerminalSize): Promise<void> {
    const path = apiPath(`/exec/${containerPart(id)}/resize`, { h: size.rows, w: size.columns });
    await (await this.#http.request({ method: "POST", path })).text();
  }

  explain(id: string): Promise<TapeListing> {
    return this.#json({ method: "GET", path: apiPath(`/exec/${containerPart(id)}/tape`) });
  }

  async #json<T>(request: HttpRequest): Promise<T> {
    return await (await this.#http.request(request)).json() as T;
  }
}
