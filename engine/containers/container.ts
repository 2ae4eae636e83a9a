import type { OutputFrame } from "../../base/container_engine.ts";
import type { WaitResult } from "../../base/docker/container.ts";
import type { ContainerRecord, LifecycleState } from "../container_record.ts";
import type { ContainerTable } from "../container_table.ts";
import type { ContainerNetwork } from "../networks/container_network.ts";
import { Serial } from "../serial.ts";
import { OutputHub } from "../streams/output_hub.ts";
import { InputGate } from "../streams/input_gate.ts";
import type { ContainerFolders } from "./folders.ts";
import type { RunningContainer } from "./running_container.ts";
import { checkTransition } from "./transitions.ts";

export type { OutputFrame };

/** One container: its record, and what only this engine process knows of it. */
export class Container {
  readonly folders: ContainerFolders;
  /** Start, stop, remove and what else changes it happen one after the other. */
  readonly serial: Serial = new Serial();
  /** Spans the runs: whoever attaches before the start gets the output from its first byte. */
  readonly hub: OutputHub = new OutputHub();
  readonly input: InputGate = new InputGate();
  /** Ids of its execs, those that have ended included until the container ends. */
  readonly execs: Set<string> = new Set();
  /** While its process runs. */
  running: RunningContainer | undefined;
  /** While it runs in a network namespace of its own that is in networks. */
  network: ContainerNetwork | undefined;
  /** A restart that is due; undone by stop, kill and remove. */
  restartTimer: ReturnType<typeof setTimeout> | undefined;
  #record: ContainerRecord;
  readonly #table: ContainerTable;
  #exitWaiters: ((result: WaitResult) => void)[] = [];
  #removalWaiters: ((result: WaitResult) => void)[] = [];

  constructor(record: ContainerRecord, folders: ContainerFolders, table: ContainerTable) {
    this.#record = record;
    this.folders = folders;
    this.#table = table;
  }

  get id(): string {
    return this.#record.id;
  }

  get record(): ContainerRecord {
    return this.#record;
  }

  get state(): LifecycleState {
    return this.#record.state;
  }

  /** Goes to another state, and what changes with it, on disk first. */
  move(state: LifecycleState, changes: Partial<ContainerRecord> = {}): void {
    checkTransition(this.id, this.state.status, state.status);
    this.change({ ...changes, state });
  }

  /** Changes the record, on disk first. */
  change(changes: Partial<ContainerRecord>): void {
    const record = { ...this.#record, ...changes };
    this.#table.update(record);
    this.#record = record;
  }

  /** The result of the next end (of the run that is on, or of one to come), or of the removal. */
  nextExit(): Promise<WaitResult> {
    return new Promise((resolve) => this.#exitWaiters.push(resolve));
  }

  removal(): Promise<WaitResult> {
    return new Promise((resolve) => this.#removalWaiters.push(resolve));
  }

  announceExit(result: WaitResult): void {
    const waiters = this.#exitWaiters;
    this.#exitWaiters = [];
    for (const resolve of waiters) resolve(result);
  }

  /** Lets everybody go who waits for the removal, or for an end that will not come any more. */
  announceRemoval(result: WaitResult): void {
    this.announceExit(result);
    for (const resolve of this.#removalWaiters.splice(0)) resolve(result);
  }
}
