import type { ArchivePutOptions, Bytes, Files } from "../../base/container_engine.ts";
import type { PathStat } from "../../base/docker/archive.ts";
import { internal } from "../../base/errors.ts";
import type { HttpClient, HttpRequest } from "./http.ts";
import { apiPath } from "./path.ts";

/** Files behind the API, of containers or of volumes: what the two have in common. */
export abstract class RemoteFiles implements Files {
  protected readonly http: HttpClient;

  constructor(http: HttpClient) {
    this.http = http;
  }

  /** The beginning of all paths about one of them. */
  protected abstract pathTo(of: string): string;

  async statPath(of: string, path: string): Promise<PathStat> {
    using answer = await this.http.request({ method: "HEAD", path: apiPath(`${this.pathTo(of)}/archive`, { path }) });
    return statIn(answer.head.headers);
  }

  async getArchive(of: string, path: string): Promise<{ stat: PathStat; tar: ReadableStream<Bytes> }> {
    const answer = await this.http.request({ method: "GET", path: apiPath(`${this.pathTo(of)}/archive`, { path }) });
    return { stat: statIn(answer.head.headers), tar: ReadableStream.from(answer.body) };
  }

  async putArchive(
    of: string,
    path: string,
    tar: ReadableStream<Bytes>,
    options: ArchivePutOptions = {},
  ): Promise<void> {
    const to = apiPath(`${this.pathTo(of)}/archive`, { path, ...options });
    await this.done({ method: "PUT", path: to, stream: tar, contentType: "application/x-tar" });
  }

  findPaths(of: string, pattern: string): Promise<string[]> {
    return this.json({ method: "GET", path: apiPath(`${this.pathTo(of)}/paths`, { pattern }) });
  }

  protected async json<T>(request: HttpRequest): Promise<T> {
    return await (await this.http.request(request)).json() as T;
  }

  protected async done(request: HttpRequest): Promise<void> {
    await (await this.http.request(request)).text();
  }
}

function statIn(headers: ReadonlyMap<string, string>): PathStat {
  const text = headers.get("x-docker-container-path-stat");
  if (text === undefined) throw internal("the engine does not tell what lies at the path");
  return JSON.parse(new TextDecoder().decode(Uint8Array.fromBase64(text)));
}
