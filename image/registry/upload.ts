/** Blobs and manifests into a registry (distribution specification, "push"). */
import type { Bytes } from "../../base/container_engine.ts";
import { forbidden, unavailable } from "../../base/errors.ts";
import { readRange } from "../../fs/file_range.ts";
import { digestOf } from "../digest.ts";
import { withRetries } from "./retry.ts";
import { StatusError } from "./registry_error.ts";
import type { RegistrySession } from "./session.ts";
import type { Answer } from "./transport.ts";

/** Whether the repository has a blob. */
export async function hasBlob(session: RegistrySession, digest: string): Promise<boolean> {
  const { response } = await session.call(session.url(`blobs/${digest}`), { method: "HEAD", accept: [404] });
  return response.status === 200;
}

/** Whether the registry has put a blob of another of its repositories into this one. */
export async function mountBlob(session: RegistrySession, digest: string, from: string): Promise<boolean> {
  const url = session.url("blobs/uploads/");
  url.searchParams.set("mount", digest);
  url.searchParams.set("from", from);
  const scopes = [`repository:${from}:pull`];
  try {
    const { response } = await session.call(url, { method: "POST", scopes });
    await response.body?.cancel();
    // 202 begins an upload instead; nothing comes, and the registry forgets it.
    return response.status === 201;
  } catch (error) {
    if (error instanceof StatusError) return false; // one may not read there, or there is nothing
    throw error;
  }
}

export interface Blob {
  readonly digest: string;
  readonly size: number;
  readonly path: string;
}

/** Sends the file `path` as a blob; when the connection breaks, again from the beginning. */
export async function uploadBlob(
  session: RegistrySession,
  { digest, size, path }: Blob,
  progress: (bytes: number) => void,
): Promise<void> {
  await withRetries({ delay: session.delay, signal: session.signal }, async () => {
    const begun = await begin(session);
    const body = ReadableStream.from(counted(readRange({ path, offset: 0, length: size }), progress));
    const headers = { "content-type": "application/octet-stream" };
    const sent = await session.call(begun, { method: "PATCH", body, headers, once: true });
    await sent.response.body?.cancel();
    await finish(session, locationOf(sent), digest, undefined);
  });
}

/** Sends a small blob, unless it is there. */
export async function uploadBytes(session: RegistrySession, bytes: Bytes): Promise<void> {
  const digest = digestOf(bytes);
  if (await hasBlob(session, digest)) return;
  await withRetries({ delay: session.delay, signal: session.signal }, async () => {
    await finish(session, await begin(session), digest, bytes);
  });
}

/** Gives a manifest its tag, and tells its digest. @throws forbidden when one may not */
export async function putManifest(
  session: RegistrySession,
  tag: string,
  bytes: Bytes,
  mediaType: string,
): Promise<string> {
  const headers = { "content-type": mediaType };
  const { response } = await session.call(session.url(`manifests/${tag}`), { method: "PUT", body: bytes, headers });
  await response.body?.cancel();
  return digestOf(bytes);
}

async function begin(session: RegistrySession): Promise<URL> {
  const answer = await session.call(session.url("blobs/uploads/"), { method: "POST", once: true });
  await answer.response.body?.cancel();
  return locationOf(answer);
}

async function finish(session: RegistrySession, url: URL, digest: string, body: Bytes | undefined): Promise<void> {
  url.searchParams.set("digest", digest);
  const headers = { "content-type": "application/octet-stream" };
  const { response } = await session.call(url, {
    method: "PUT",
    headers,
    once: true,
    ...body !== undefined && { body },
  });
  await response.body?.cancel();
}

function locationOf({ response, url }: Answer): URL {
  const location = response.headers.get("location");
  if (location === null) throw unavailable(`the registry ${url.host} does not say where to send the blob`);
  const next = new URL(location, url);
  if (url.protocol === "https:" && next.protocol !== "https:") {
    throw forbidden(`the registry ${url.host} wants the blob sent to ${next.host}, unencrypted`);
  }
  return next;
}

async function* counted(source: AsyncIterable<Bytes>, progress: (bytes: number) => void): AsyncGenerator<Bytes> {
  let done = 0;
  for await (const bytes of source) {
    yield bytes.slice(); // the stream asks for the next before this one has gone
    progress(done += bytes.length);
  }
}
