/** Which commands there are, under which names, and which module holds each; a module is loaded when it is called. */
import type { Command } from "./command.ts";

export interface CommandEntry {
  /** All forms, the first is the one that help shows: `ps`, `container ls`, … */
  readonly forms: readonly string[];
  load(): Promise<{ readonly command: Command }>;
}

export const commands: readonly CommandEntry[] = [
  { forms: ["run", "container run"], load: () => import("./commands/run.ts") },
  { forms: ["exec", "container exec"], load: () => import("./commands/exec.ts") },
  { forms: ["ps", "container ls", "container ps", "container list"], load: () => import("./commands/ps.ts") },
  { forms: ["images", "image ls", "image list"], load: () => import("./commands/images.ts") },
  { forms: ["attach", "container attach"], load: () => import("./commands/attach.ts") },
  { forms: ["create", "container create"], load: () => import("./commands/create.ts") },
  { forms: ["diff", "container diff"], load: () => import("./commands/diff.ts") },
  { forms: ["engine"], load: () => import("./commands/engine.ts") },
  { forms: ["engine status"], load: () => import("./commands/engine_status.ts") },
  { forms: ["engine stop"], load: () => import("./commands/engine_stop.ts") },
  { forms: ["events", "system events"], load: () => import("./commands/events.ts") },
  { forms: ["history", "image history"], load: () => import("./commands/history.ts") },
  { forms: ["import", "image import"], load: () => import("./commands/import.ts") },
  { forms: ["info", "system info"], load: () => import("./commands/info.ts") },
  { forms: ["inspect"], load: () => import("./commands/inspect.ts") },
  { forms: ["container inspect"], load: () => import("./commands/container_inspect.ts") },
  { forms: ["image inspect"], load: () => import("./commands/image_inspect.ts") },
  { forms: ["kill", "container kill"], load: () => import("./commands/kill.ts") },
  { forms: ["load", "image load"], load: () => import("./commands/load.ts") },
  { forms: ["logs", "container logs"], load: () => import("./commands/logs.ts") },
  { forms: ["network connect"], load: () => import("./commands/network_connect.ts") },
  { forms: ["network create"], load: () => import("./commands/network_create.ts") },
  { forms: ["network disconnect"], load: () => import("./commands/network_disconnect.ts") },
  { forms: ["network graph"], load: () => import("./commands/network_graph.ts") },
  { forms: ["network inspect"], load: () => import("./commands/network_inspect.ts") },
  { forms: ["network ls", "network list"], load: () => import("./commands/network_ls.ts") },
  { forms: ["network prune"], load: () => import("./commands/network_prune.ts") },
  { forms: ["network rm", "network remove"], load: () => import("./commands/network_rm.ts") },
  { forms: ["pause", "container pause"], load: () => import("./commands/pause.ts") },
  { forms: ["port", "container port"], load: () => import("./commands/port.ts") },
  { forms: ["container prune"], load: () => import("./commands/container_prune.ts") },
  { forms: ["image prune"], load: () => import("./commands/image_prune.ts") },
  { forms: ["rename", "container rename"], load: () => import("./commands/rename.ts") },
  { forms: ["restart", "container restart"], load: () => import("./commands/restart.ts") },
  { forms: ["rm", "container rm", "container remove"], load: () => import("./commands/rm.ts") },
  { forms: ["rmi", "image rm", "image remove"], load: () => import("./commands/rmi.ts") },
  { forms: ["save", "image save"], load: () => import("./commands/save.ts") },
  { forms: ["start", "container start"], load: () => import("./commands/start.ts") },
  { forms: ["stats", "container stats"], load: () => import("./commands/stats.ts") },
  { forms: ["stop", "container stop"], load: () => import("./commands/stop.ts") },
  { forms: ["system df"], load: () => import("./commands/system_df.ts") },
  { forms: ["system prune"], load: () => import("./commands/system_prune.ts") },
  { forms: ["tag", "image tag"], load: () => import("./commands/tag.ts") },
  { forms: ["top", "container top"], load: () => import("./commands/top.ts") },
  { forms: ["unpause", "container unpause"], load: () => import("./commands/unpause.ts") },
  { forms: ["update", "container update"], load: () => import("./commands/update.ts") },
  { forms: ["version"], load: () => import("./commands/version.ts") },
  { forms: ["wait", "container wait"], load: () => import("./commands/wait.ts") },
];

/** The words that only hold commands together, with the line that help has for them. */
export const groups: Readonly<Record<string, string>> = {
  container: "Manage containers",
  engine: "Run the engine, or see to it",
  image: "Manage images",
  network: "Manage networks",
  system: "Manage the engine's store",
};
