/** `config.json` of docker: ours is the same file, so that whoever has logged in with one has with the other. */
import { invalid } from "../base/errors.ts";
import type { Context } from "./command.ts";

export interface DockerConfig {
  auths?: Record<string, { auth?: string; identitytoken?: string; registrytoken?: string }>;
  /** The end of the name of the program that keeps the credentials. */
  credsStore?: string;
  /** The same for single registries. */
  credHelpers?: Record<string, string>;
}

/** Where it lies: `$DOCKER_CONFIG`, or `.docker` in the home folder. */
export function dockerConfigPath({ env }: Pick<Context, "env">): string {
  const folder = env("DOCKER_CONFIG") || `${env("HOME") || "/root"}/.docker`;
  return `${folder}/config.json`;
}

/** @throws invalid when the file cannot be read as what it should be */
export function readDockerConfig(context: Pick<Context, "env">): DockerConfig {
  const path = dockerConfigPath(context);
  let value: unknown;
  try {
    value = JSON.parse(Deno.readTextFileSync(path) || "{}");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return {};
    throw invalid(`cannot read the credentials in ${path}`, { cause: withoutContent(error) });
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  throw invalid(`cannot read the credentials in ${path}: it is no JSON object`);
}

/** Changes the file as a whole, whatever else is in it; only its owner may read it. */
export function changeDockerConfig(context: Pick<Context, "env">, change: (config: DockerConfig) => void): void {
  const path = dockerConfigPath(context);
  const config = readDockerConfig(context);
  change(config);
  const folder = path.replace(/\/[^/]*$/, "");
  Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
  const real = realPath(path); // the file may be a link into somebody's collection of such
  const written = `${real}.${crypto.randomUUID().slice(0, 8)}`;
  Deno.writeTextFileSync(written, `${JSON.stringify(config, undefined, "\t")}\n`, { createNew: true, mode: 0o600 });
  Deno.renameSync(written, real);
}

function realPath(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return path;
    throw error;
  }
}

/** V8 quotes what it cannot parse, and that may be a password. */
function withoutContent(error: unknown): unknown {
  return error instanceof SyntaxError ? new Error("it is no JSON") : error;
}
