/** Debian's docker-registry for the peers, each of which reaches it on the loopback of its own network namespace. */
import type { Fd } from "../../sys/fd.ts";
import { finish, start } from "./command.ts";
import { writeImageArchive } from "./image_archive.ts";
import { type ImageShape, layersOf } from "./image_layers.ts";

/** Nobody else is in a peer's namespace. */
const port = 5000;
const host = `127.0.0.1:${port}`;

/** What a measurement with a registry needs. */
export const registryPrograms = ["docker-registry", "skopeo"] as const;

/** The registry in one network namespace. All of them serve the same `folder`. */
export class RegistryServer {
  readonly #network: Fd;
  readonly #folder: string;
  readonly #child: Deno.ChildProcess;

  private constructor(network: Fd, folder: string) {
    this.#network = network;
    this.#folder = folder;
    const argv = ["docker-registry", "serve", `${folder}/config.yml`];
    this.#child = start({ argv, network, env: { OTEL_TRACES_EXPORTER: "none" }, silent: true });
  }

  static async start(network: Fd, folder: string): Promise<RegistryServer> {
    await Deno.mkdir(folder, { recursive: true });
    await Deno.writeTextFile(`${folder}/config.yml`, configuration(folder));
    const server = new RegistryServer(network, folder);
    await server.#serves();
    return server;
  }

  /** Generates an image and brings it in, unless another has; the name by which it is pulled. */
  async put(shape: ImageShape): Promise<string> {
    const reference = `${host}/${shape.name}`;
    const archive = `${this.#folder}/${shape.name.replaceAll(/[/:]/g, "-")}.tar`; // for skopeo a colon ends the path
    const putting = images.get(archive) ?? this.#put(shape, archive, reference);
    images.set(archive, putting);
    await putting;
    return reference;
  }

  async end(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.status;
  }

  async #put(shape: ImageShape, archive: string, reference: string): Promise<void> {
    await writeImageArchive(archive, [{ name: shape.name, layers: await layersOf(shape) }]);
    const copy = ["skopeo", "--insecure-policy", "copy", "--quiet", "--dest-tls-verify=false"];
    await finish({ argv: [...copy, `docker-archive:${archive}`, `docker://${reference}`], network: this.#network });
    await Deno.remove(archive);
  }

  /** Settles when it listens; in another namespace that is only seen from outside. */
  async #serves(): Promise<void> {
    const listens = new RegExp(`:${port.toString(16).toUpperCase().padStart(4, "0")} \\S+ 0A `);
    for (const end = Date.now() + 20_000; Date.now() < end;) {
      if (listens.test(await Deno.readTextFile(`/proc/${this.#child.pid}/net/tcp`).catch(() => ""))) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`docker-registry does not listen on ${host}`);
  }
}

/** By their archives. */
const images = new Map<string, Promise<void>>();

function configuration(folder: string): string {
  const lines = [
    "version: 0.1",
    "log: {level: error, accesslog: {disabled: true}}",
    `storage: {filesystem: {rootdirectory: ${folder}/data}}`,
    "http:",
    `  addr: ${host}`,
    "  secret: bench",
  ];
  return `${lines.join("\n")}\n`;
}
