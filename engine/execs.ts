import type { AttachedStreams, Execs, ExecStartOptions, TapeListing, TerminalSize } from "../base/container_engine.ts";
import type { ExecCreate, ExecInspect } from "../base/docker/exec.ts";
import { conflict, invalid, notFound } from "../base/errors.ts";
import { randomId } from "../base/names.ts";
import { publishContainerEvent } from "./containers/container_event.ts";
import { resize } from "./containers/resize.ts";
import { Exec } from "./execs/exec.ts";
import { explainExec } from "./execs/explain_exec.ts";
import { startExec } from "./execs/start_exec.ts";
import type { Parts } from "./parts.ts";

/** How many ended execs are remembered for `inspect`. */
const REMEMBERED = 1000;

/** The engine's `Execs`. */
export class EngineExecs implements Execs {
  readonly #parts: Parts;
  readonly #execs = new Map<string, Exec>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  // deno-lint-ignore require-await -- what is thrown must come as a rejection
  async create(name: string, config: ExecCreate): Promise<{ Id: string }> {
    const container = this.#parts.containers.get(name);
    const { state } = container;
    if (state.status !== "running") throw conflict(`container ${container.id} is not running`);
    if (state.paused) throw conflict(`Container ${container.id} is paused, unpause the container before exec`);
    if (config.Cmd.length === 0) throw invalid("No exec command specified");
    const exec = new Exec(randomId(), container, config);
    this.#execs.set(exec.id, exec);
    container.execs.add(exec.id);
    this.#forgetOldest();
    publishContainerEvent(this.#parts, container, `exec_create: ${config.Cmd.join(" ")}`, { execID: exec.id });
    return { Id: exec.id };
  }

  async start(id: string, options: ExecStartOptions = {}): Promise<AttachedStreams | undefined> {
    return await startExec(this.#parts, this.#get(id), options);
  }

  // deno-lint-ignore require-await
  async inspect(id: string): Promise<ExecInspect> {
    return this.#get(id).inspect();
  }

  // deno-lint-ignore require-await
  async resize(id: string, size: TerminalSize): Promise<void> {
    const exec = this.#get(id);
    if (exec.phase !== "running") throw conflict(`exec ${id} is not running`);
    resize(exec.terminal, size);
  }

  // deno-lint-ignore require-await
  async explain(id: string): Promise<TapeListing> {
    return explainExec(this.#get(id));
  }

  #get(id: string): Exec {
    const exec = this.#execs.get(id);
    if (exec === undefined) throw notFound(`No such exec instance: ${id}`);
    return exec;
  }

  #forgetOldest(): void {
    if (this.#execs.size <= REMEMBERED) return;
    for (const exec of this.#execs.values()) {
      if (exec.phase === "running") continue;
      this.#execs.delete(exec.id);
      exec.container.execs.delete(exec.id);
      return;
    }
  }
}
