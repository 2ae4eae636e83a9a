/** What `run` and `create` share: from flags to a container that is created and not started. */
import type { ContainerCreate } from "../base/docker/container.ts";
import { EngineError, errorClass, invalid } from "../base/errors.ts";
import type { Context } from "./command.ts";
import type { ContainerFlags } from "./container_flags.ts";
import { containerCreate } from "./container_options.ts";
import { pullWithProgress } from "./pull_image.ts";
import { consoleSize } from "./terminal.ts";

/** The request that the flags make. @throws `invalid` */
export function containerRequest(context: Context, flags: ContainerFlags, args: readonly string[]): ContainerCreate {
  if (!["always", "missing", "never"].includes(flags.pull)) {
    throw invalid(`invalid pull option: '${flags.pull}': must be one of "always", "missing" or "never"`);
  }
  return containerCreate(flags, args, { env: context.env, consoleSize: consoleSize(context) });
}

/** Creates the container and gives its id, which is written to `--cidfile`, too. */
export async function createContainer(
  context: Context,
  flags: ContainerFlags,
  config: ContainerCreate,
): Promise<string> {
  const cidFile = openCidFile(flags.cidfile);
  try {
    if (flags.pull === "always") await pull(context, flags, config.Image ?? "");
    const { Id, Warnings } = await create(context, flags, config);
    for (const warning of Warnings ?? []) context.stderr.print(`WARNING: ${warning}\n`);
    cidFile?.write(Id);
    return Id;
  } finally {
    cidFile?.close();
  }
}

/** A missing image is pulled, and the creation tried once more. */
async function create(context: Context, flags: ContainerFlags, config: ContainerCreate) {
  const { engine, stderr } = context;
  const { name, platform } = flags;
  const attempt = () =>
    engine.containers.create(config, {
      ...name !== undefined && { name },
      ...platform !== "" && { platform },
    });
  try {
    return await attempt();
  } catch (error) {
    const missing = errorClass(error) === "not_found" && error instanceof EngineError &&
      /no such image/i.test(error.message);
    if (!missing || flags.pull !== "missing" || isId(config.Image ?? "")) throw error;
    if (!flags.quiet) stderr.print(`Unable to find image '${withTag(config.Image ?? "")}' locally\n`);
    await pull(context, flags, config.Image ?? "");
    return await attempt();
  }
}

/** Its progress goes to stderr: stdout is the container's. */
async function pull(context: Context, { platform, quiet }: ContainerFlags, image: string): Promise<void> {
  await pullWithProgress(context, image, { platform }, quiet ? undefined : context.stderr);
}

/** No registry is asked for what cannot be a name. */
function isId(image: string): boolean {
  return /^(sha256:)?[a-f0-9]{64}$/.test(image);
}

/** A reference as docker shows it: a name without tag or digest means `latest`. */
function withTag(image: string): string {
  return /@|:[^/]*$/.test(image) ? image : `${image}:latest`;
}

/** The file is made first, so that no container is created whose id has no place; unwritten, it goes again. */
function openCidFile(path: string): { write(id: string): void; close(): void } | undefined {
  if (path === "") return undefined;
  let written = false;
  let file: Deno.FsFile;
  try {
    file = Deno.openSync(path, { write: true, createNew: true, mode: 0o666 });
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) {
      throw invalid(`failed to create the container ID file ${path}`, { cause: error });
    }
    throw invalid(`container ID file found, make sure the other container isn't running or delete ${path}`);
  }
  return {
    write(id) {
      file.writeSync(new TextEncoder().encode(id));
      written = true;
    },
    close() {
      file.close();
      if (!written) Deno.removeSync(path);
    },
  };
}
