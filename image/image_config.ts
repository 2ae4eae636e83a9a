/**
 * The configuration of an image (OCI image specification, config.md; Docker's is the same with a few fields more). It
 * says how its containers run unless told otherwise, and nothing that steers the engine (CVE-2026-53488).
 */
import * as v from "valibot";
import type { ContainerConfig } from "../base/docker/container.ts";
import { invalid } from "../base/errors.ts";
import { parseJson } from "./json.ts";
import { isDigest } from "./reference.ts";

/** As many layers as Docker allows. */
export const MAXIMUM_LAYERS = 128;

/** What an image gives to its containers. */
export type ImageDefaults = Partial<Omit<ContainerConfig, "Image">>;

export interface ImageConfig {
  readonly architecture: string;
  readonly variant?: string;
  readonly os: string;
  /** RFC 3339. */
  readonly created?: string;
  readonly author?: string;
  readonly comment?: string;
  readonly docker_version?: string;
  readonly config?: ImageDefaults;
  readonly rootfs: { readonly type: "layers"; readonly diff_ids: readonly string[] };
  readonly history?: readonly ImageHistoryEntry[];
}

export interface ImageHistoryEntry {
  readonly created?: string;
  readonly created_by?: string;
  readonly author?: string;
  readonly comment?: string;
  readonly empty_layer?: boolean;
}

/** Writers of Go put null where something is left out. */
const optional = <S extends v.GenericSchema>(schema: S) => v.nullish(schema);
const text = optional(v.string());
const texts = optional(v.array(v.string()));
const emptyObjects = optional(
  v.record(v.string(), v.pipe(v.unknown(), v.transform((): Record<string, never> => ({})))),
);
export const digest = v.pipe(v.string(), v.check(isDigest, "it is no sha256 digest"));

const defaults = v.object({
  Hostname: text,
  Domainname: text,
  User: text,
  AttachStdin: optional(v.boolean()),
  AttachStdout: optional(v.boolean()),
  AttachStderr: optional(v.boolean()),
  ExposedPorts: emptyObjects,
  Tty: optional(v.boolean()),
  OpenStdin: optional(v.boolean()),
  StdinOnce: optional(v.boolean()),
  Env: texts,
  Cmd: texts,
  Entrypoint: texts,
  Volumes: emptyObjects,
  WorkingDir: text,
  OnBuild: texts,
  Labels: optional(v.record(v.string(), v.string())),
  StopSignal: text,
  StopTimeout: optional(v.number()),
  Healthcheck: optional(v.record(v.string(), v.unknown())),
  Shell: texts,
});

const history = v.object({
  created: text,
  created_by: text,
  author: text,
  comment: text,
  empty_layer: optional(v.boolean()),
});

const schema = v.object({
  architecture: v.string(),
  variant: text,
  os: v.string(),
  created: text,
  author: text,
  comment: text,
  docker_version: text,
  config: optional(defaults),
  rootfs: v.object({
    type: v.literal("layers"),
    diff_ids: v.nullish(v.pipe(v.array(digest), v.maxLength(MAXIMUM_LAYERS)), []),
  }),
  history: optional(v.array(history)),
});

/** @throws invalid when `bytes` are no configuration of a Linux image */
export function parseImageConfig(bytes: Uint8Array): ImageConfig {
  const config = withoutNull(parseJson(bytes, schema, "the image's configuration"));
  if (config.os !== "linux") throw invalid(`cannot load ${config.os || "unknown"} image on linux`);
  return config;
}

type Stripped<T> = T extends readonly (infer E)[] ? Stripped<E>[]
  : T extends object ? { [K in keyof T]: Stripped<NonNullable<T[K]>> }
  : T;

/** Leaves out what is null, everywhere. */
function withoutNull<T>(value: T): Stripped<T> & ImageConfig {
  return strip(value) as Stripped<T> & ImageConfig; // the schema has checked the rest of the shape
}

function strip(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(strip);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).filter(([, one]) => one !== null && one !== undefined).map(([key, one]) => [key, strip(one)]),
  );
}
