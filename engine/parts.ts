import type { DatabaseSync } from "node:sqlite";
import type { Settings } from "../base/settings.ts";
import type { CgroupManager } from "../cgroup/cgroup.ts";
import type { ImageStore } from "../image/store.ts";
import type { Reactor } from "../runtime/reactor.ts";
import type { Container } from "./containers/container.ts";
import type { ContainerRegistry } from "./container_registry.ts";
import type { ContainerTable } from "./container_table.ts";
import type { EventLog } from "./events.ts";
import type { HostStack } from "./networks/host_stack.ts";
import type { NetworkRegistry } from "./networks/network_registry.ts";
import type { VolumeRegistry } from "./volumes/volume_registry.ts";

/** What the verbs of the engine work with; made and wired in engine.ts. */
export interface Parts {
  readonly settings: Settings;
  readonly database: DatabaseSync;
  readonly table: ContainerTable;
  readonly containers: ContainerRegistry;
  readonly networks: NetworkRegistry;
  readonly volumes: VolumeRegistry;
  /** What networks need of the host. */
  readonly host: HostStack;
  readonly images: ImageStore;
  readonly cgroups: CgroupManager;
  readonly reactor: Reactor;
  readonly events: EventLog;
  /** What follows the end of a container's process (containers/ended.ts): a start does not know it, and need not. */
  readonly onEnd: (container: Container) => void;
  /** A line for the administrator: what went wrong in the background, where no caller hears of it. */
  readonly log: (message: string) => void;
}
