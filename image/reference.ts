/** Names of images, as github.com/distribution/reference reads them: `[domain/]path[:tag][@digest]`. */
import { invalid } from "../base/errors.ts";

/** A name, complete: `busybox` is `docker.io`, `library/busybox`. */
export interface Reference {
  /** Of the registry, with port: `docker.io`, `localhost:5000`. */
  readonly domain: string;
  readonly path: string;
  readonly tag?: string;
  /** `sha256:…` */
  readonly digest?: string;
}

const DEFAULT_DOMAIN = "docker.io";
const DEFAULT_FOLDER = "library/";
const DEFAULT_TAG = "latest";
const MAXIMUM_NAME = 255;

const label = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
const domain = new RegExp(`^(?:${label}(?:\\.${label})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?$`);
const component = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
const path = new RegExp(`^${component}(?:/${component})*$`);
const tag = /^\w[\w.-]{0,127}$/;
const digest = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/;
const sha256 = /^sha256:[a-f0-9]{64}$/;

const INVALID = "invalid reference format";

/** Whether `text` is the one kind of digest that is used here. Only then may a path be made of it (CVE-2024-3727). */
export function isDigest(text: string): boolean {
  return sha256.test(text);
}

/**
 * The parts of a name as the user wrote it; no tag is added.
 * @throws invalid in Docker's words
 */
export function parseReference(text: string): Reference {
  if (/^[a-f0-9]{64}$/.test(text)) {
    throw invalid(`invalid repository name (${text}), cannot specify 64-byte hexadecimal strings`);
  }
  const [, named = "", digestPart] = /^([^@]*)(?:@(.*))?$/s.exec(text) ?? [];
  const { host, rest } = splitDomain(named);
  const [, remote = "", tagPart] = /^([^:]*)(?::(.*))?$/s.exec(rest) ?? [];
  if (remote !== remote.toLowerCase()) throw invalid(`${INVALID}: repository name (${remote}) must be lowercase`);
  if (!domain.test(host) || !path.test(remote)) throw invalid(INVALID);
  if (tagPart !== undefined && !tag.test(tagPart)) throw invalid(INVALID);
  if (digestPart !== undefined && !digest.test(digestPart)) throw invalid(INVALID);
  if (digestPart?.startsWith("sha256:") && !isDigest(digestPart)) throw invalid("invalid checksum digest length");
  if (host.length + 1 + remote.length > MAXIMUM_NAME) {
    throw invalid(`repository name must not be more than ${MAXIMUM_NAME} characters`);
  }
  return {
    domain: host,
    path: remote,
    ...(tagPart !== undefined && { tag: tagPart }),
    ...(digestPart !== undefined && { digest: digestPart }),
  };
}

/** What stands before the first slash is a host if it could not be anything else. */
function splitDomain(name: string): { host: string; rest: string } {
  const slash = name.indexOf("/");
  const first = name.slice(0, Math.max(slash, 0));
  const isHost = /[.:]/.test(first) || first === "localhost" || first !== first.toLowerCase();
  const [host, rest] = slash >= 0 && isHost ? [first, name.slice(slash + 1)] : [DEFAULT_DOMAIN, name];
  const isDefault = host === DEFAULT_DOMAIN || host === "index.docker.io";
  if (!isDefault) return { host, rest };
  return { host: DEFAULT_DOMAIN, rest: rest.includes("/") ? rest : `${DEFAULT_FOLDER}${rest}` };
}

/** With `latest` where neither tag nor digest is given. */
export function withDefaultTag(reference: Reference): Reference {
  const isBare = reference.tag === undefined && reference.digest === undefined;
  return isBare ? { ...reference, tag: DEFAULT_TAG } : reference;
}

/** Without what is understood: `busybox` for `docker.io/library/busybox`. */
export function familiarName({ domain, path }: Reference): string {
  if (domain !== DEFAULT_DOMAIN) return `${domain}/${path}`;
  const rest = path.slice(DEFAULT_FOLDER.length);
  return path.startsWith(DEFAULT_FOLDER) && !rest.includes("/") ? rest : path;
}

const suffix = ({ tag, digest }: Reference) =>
  `${tag === undefined ? "" : `:${tag}`}${digest === undefined ? "" : `@${digest}`}`;

/** How it is shown: `busybox:latest`. */
export function familiar(reference: Reference): string {
  return familiarName(reference) + suffix(reference);
}

/** How it is stored: `docker.io/library/busybox:latest`. */
export function canonical(reference: Reference): string {
  return `${reference.domain}/${reference.path}${suffix(reference)}`;
}
