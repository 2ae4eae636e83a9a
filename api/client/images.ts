import type {
  Bytes,
  Filters,
  ImageImportOptions,
  ImageListOptions,
  ImageLoadOptions,
  ImagePullOptions,
  ImagePushOptions,
  ImageRemoveOptions,
  Images,
  ImageSearchOptions,
  PruneOptions,
  RegistryAuth,
  TarFile,
} from "../../base/container_engine.ts";
import type {
  ImageDeleteItem,
  ImageHistoryItem,
  ImageInspect,
  ImagePruneResult,
  ImageSearchResult,
  ImageSummary,
  ProgressMessage,
  RegistryLogin,
} from "../../base/docker/image.ts";
import { errorClass, internal } from "../../base/errors.ts";
import { fileStream } from "../../base/file_stream.ts";
import { errorOfStatus } from "./error_of_status.ts";
import { type HttpClient, type HttpRequest, jsonLines } from "./http.ts";
import { apiPath, imagePart } from "./path.ts";
import { pruneRequest } from "./prune.ts";

export class RemoteImages implements Images {
  readonly #http: HttpClient;

  constructor(http: HttpClient) {
    this.#http = http;
  }

  list(options: ImageListOptions = {}): Promise<ImageSummary[]> {
    const { all, filters, sharedSize, layers } = options;
    const path = apiPath("/images/json", { all, filters, "shared-size": sharedSize, layers });
    return this.#json({ method: "GET", path });
  }

  inspect(name: string): Promise<ImageInspect> {
    return this.#json({ method: "GET", path: apiPath(`/images/${imagePart(name)}/json`) });
  }

  history(name: string): Promise<ImageHistoryItem[]> {
    return this.#json({ method: "GET", path: apiPath(`/images/${imagePart(name)}/history`) });
  }

  async tag(name: string, reference: string): Promise<void> {
    const path = apiPath(`/images/${imagePart(name)}/tag`, splitReference(reference));
    await (await this.#http.request({ method: "POST", path })).text();
  }

  remove(name: string, options: ImageRemoveOptions = {}): Promise<ImageDeleteItem[]> {
    const { force, noPrune } = options;
    return this.#json({ method: "DELETE", path: apiPath(`/images/${imagePart(name)}`, { force, noprune: noPrune }) });
  }

  async prune(filters?: Filters, options?: PruneOptions): Promise<ImagePruneResult> {
    const request = pruneRequest("/images/prune", filters, options);
    const answer = await this.#json<{ ImagesDeleted: ImageDeleteItem[] | null; SpaceReclaimed: number }>(request);
    return { ...answer, ImagesDeleted: answer.ImagesDeleted ?? [] };
  }

  load(
    tar: ReadableStream<Bytes> | TarFile,
    options: ImageLoadOptions = {},
  ): AsyncIterable<ProgressMessage> {
    return this.#take("/images/load", { quiet: options.quiet }, tar, options.signal);
  }

  import(
    tar: ReadableStream<Bytes> | TarFile,
    options: ImageImportOptions = {},
  ): AsyncIterable<ProgressMessage> {
    const { reference = "", message, changes, platform, signal } = options;
    const query = { fromSrc: "-", ...splitReference(reference), message, changes, platform };
    return this.#take("/images/create", query, tar, signal);
  }

  async save(names: readonly string[]): Promise<ReadableStream<Bytes>> {
    const { body } = await this.#http.request({ method: "GET", path: apiPath("/images/get", { names }) });
    return ReadableStream.from(body);
  }

  pull(reference: string, options: ImagePullOptions = {}): AsyncIterable<ProgressMessage> {
    const { allTags, platform, auth, signal } = options;
    const { repo, tag } = splitReference(reference);
    const query = { fromImage: repo, tag: tag || (allTags || repo.includes("@") ? "" : "latest"), platform };
    const path = apiPath("/images/create", query);
    return this.#progress({ method: "POST", path, headers: authHeaders(auth), signal });
  }

  push(reference: string, options: ImagePushOptions = {}): AsyncIterable<ProgressMessage> {
    const { allTags, auth, signal } = options;
    const { repo, tag } = splitReference(reference);
    const path = apiPath(`/images/${imagePart(repo)}/push`, { tag: tag || (allTags ? "" : "latest") });
    return this.#progress({ method: "POST", path, headers: authHeaders(auth), signal });
  }

  search(term: string, options: ImageSearchOptions = {}): Promise<ImageSearchResult[]> {
    const { limit, filters, auth } = options;
    const path = apiPath("/images/search", { term, limit, filters });
    return this.#json({ method: "GET", path, headers: authHeaders(auth) });
  }

  login(auth: RegistryAuth): Promise<RegistryLogin> {
    return this.#json({ method: "POST", path: apiPath("/auth"), json: auth });
  }

  /** Lets the engine take in a tar: out of its file, if the engine sees that where we do; else we send it. */
  async *#take(
    path: string,
    query: Parameters<typeof apiPath>[1],
    tar: ReadableStream<Bytes> | TarFile,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<ProgressMessage, void, void> {
    const upload = (stream: ReadableStream<Bytes>) =>
      this.#progress({ method: "POST", path: apiPath(path, query), stream, contentType: "application/x-tar", signal });
    if (tar instanceof ReadableStream) return yield* upload(tar);
    using undo = new DisposableStack();
    const file = undo.use(await Deno.open(tar.path));
    const { dev, ino } = await file.stat();
    try {
      const named = apiPath(path, { ...query, path: tar.path, file: `${dev}:${ino}` });
      return yield* this.#progress({ method: "POST", path: named, signal });
    } catch (error) {
      if (errorClass(error) !== "unimplemented") throw error;
    }
    undo.move(); // the stream closes it
    yield* upload(fileStream(file));
  }

  async *#progress(request: HttpRequest): AsyncGenerator<ProgressMessage, void, void> {
    const { body } = await this.#http.request(request);
    for await (
      const message of jsonLines(body) as AsyncIterable<ProgressMessage & { errorDetail?: { code?: number } }>
    ) {
      if (message.error !== undefined) throw errorOfProgress(message.error, message.errorDetail?.code);
      yield message;
    }
  }

  async #json<T>(request: HttpRequest): Promise<T> {
    return await (await this.#http.request(request)).json() as T;
  }
}

/** Docker's header: JSON in base64 for URLs, padded. */
function authHeaders(auth: RegistryAuth = {}): Record<string, string> {
  const bytes = new TextEncoder().encode(JSON.stringify(auth));
  return { "X-Registry-Auth": bytes.toBase64({ alphabet: "base64url" }) };
}

/** The status was sent long before the failure: its class comes, if at all, as a code in the message. */
function errorOfProgress(message: string, code: number | undefined): Error {
  return code === undefined || code < 400 ? internal(message) : errorOfStatus(code, message, "");
}

/** `host:5000/name:tag` in the two parts that Docker's API takes; the engine checks them. */
function splitReference(reference: string): { repo: string; tag: string } {
  const colon = reference.lastIndexOf(":");
  if (colon < 0 || reference.includes("/", colon) || reference.includes("@")) return { repo: reference, tag: "" };
  return { repo: reference.slice(0, colon), tag: reference.slice(colon + 1) };
}
