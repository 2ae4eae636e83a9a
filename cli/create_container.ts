/** What `run` and `create` share: from flags to a container that is created and not started. */
import type { ContainerCreate } from "../base/docker/container.ts";
import { EngineError, errorClass, invalid, unimplemented } from "../base/errors.ts";
import type { Context } from "./command.ts";
import type { ContainerFlags } from "./container_flags.ts";
import { containerCreate } from "./container_options.ts";
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
  if (flags.pull === "always") {
    throw unimplemented("--pull always: images cannot be pulled yet, bring them in by load or import");
  }
  const cidFile = openCidFile(flags.cidfile);
  try {
    const { Id, Warnings } = await create(context, flags, config);
    for (const warning of Warnings ?? []) context.stderr.print(`WARNING: ${warning}\n`);
    cidFile?.write(Id);
    return Id;
  } finally {
    cidFile?.close();
  }
}

async function create({ engine, stderr }: Context, flags: ContainerFlags, config: ContainerCreate) {
  const { name, platform } = flags;
  try {
    return await engine.containers.create(config, {
      ...name !== undefined && { name },
      ...platform !== "" && { platform },
    });
  } catch (error) {
    const missing = errorClass(error) === "not_found" && error instanceof EngineError &&
      /no such image/i.test(error.message);
    if (missing && flags.pull === "missing" && !flags.quiet) {
      stderr.print(`Unable to find image '${withTag(config.Image ?? "")}' locally\n`);
    }
    throw error;
  }
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
