/** Which commands there are, under which names, and which module holds each; a module is loaded when it is called. */
import type { Command } from "./command.ts";

export interface CommandEntry {
  /** All forms, the first is the one that help shows: `ps`, `container ls`, … */
  readonly forms: readonly string[];
  /**
   * Whether it wants a process of its own instead of one that stood by: because it is the engine's, or because it may
   * take a while, and at a terminal its user may want to stop it with Ctrl-Z.
   */
  readonly ownProcess?: "always" | "at a terminal";
  load(): Promise<{ readonly command: Command }>;
}

export const commands: readonly CommandEntry[] = [
  { forms: ["run", "container run"], ownProcess: "at a terminal", load: () => import("./commands/run.ts") },
  { forms: ["exec", "container exec"], ownProcess: "at a terminal", load: () => import("./commands/exec.ts") },
  { forms: ["ps", "container ls", "container ps", "container list"], load: () => import("./commands/ps.ts") },
  { forms: ["images", "image ls", "image list"], load: () => import("./commands/images.ts") },
  { forms: ["attach", "container attach"], ownProcess: "at a terminal", load: () => import("./commands/attach.ts") },
  { forms: ["commit", "container commit"], ownProcess: "at a terminal", load: () => import("./commands/commit.ts") },
  { forms: ["cp", "container cp"], ownProcess: "at a terminal", load: () => import("./commands/cp.ts") },
  { forms: ["create", "container create"], load: () => import("./commands/create.ts") },
  { forms: ["diff", "container diff"], load: () => import("./commands/diff.ts") },
  { forms: ["engine"], ownProcess: "always", load: () => import("./commands/engine.ts") },
  { forms: ["engine status"], ownProcess: "always", load: () => import("./commands/engine_status.ts") },
  { forms: ["engine stop"], ownProcess: "always", load: () => import("./commands/engine_stop.ts") },
  { forms: ["events", "system events"], ownProcess: "at a terminal", load: () => import("./commands/events.ts") },
  { forms: ["export", "container export"], ownProcess: "at a terminal", load: () => import("./commands/export.ts") },
  { forms: ["history", "image history"], load: () => import("./commands/history.ts") },
  { forms: ["import", "image import"], ownProcess: "at a terminal", load: () => import("./commands/import.ts") },
  { forms: ["info", "system info"], load: () => import("./commands/info.ts") },
  { forms: ["inspect"], load: () => import("./commands/inspect.ts") },
  { forms: ["container inspect"], load: () => import("./commands/container_inspect.ts") },
  { forms: ["image inspect"], load: () => import("./commands/image_inspect.ts") },
  { forms: ["kill", "container kill"], load: () => import("./commands/kill.ts") },
  { forms: ["load", "image load"], ownProcess: "at a terminal", load: () => import("./commands/load.ts") },
  { forms: ["login"], load: () => import("./commands/login.ts") },
  { forms: ["logout"], load: () => import("./commands/logout.ts") },
  { forms: ["logs", "container logs"], ownProcess: "at a terminal", load: () => import("./commands/logs.ts") },
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
  { forms: ["pull", "image pull"], ownProcess: "at a terminal", load: () => import("./commands/pull.ts") },
  { forms: ["push", "image push"], ownProcess: "at a terminal", load: () => import("./commands/push.ts") },
  { forms: ["rename", "container rename"], load: () => import("./commands/rename.ts") },
  { forms: ["restart", "container restart"], load: () => import("./commands/restart.ts") },
  { forms: ["rm", "container rm", "container remove"], load: () => import("./commands/rm.ts") },
  { forms: ["rmi", "image rm", "image remove"], load: () => import("./commands/rmi.ts") },
  { forms: ["save", "image save"], ownProcess: "at a terminal", load: () => import("./commands/save.ts") },
  { forms: ["search"], load: () => import("./commands/search.ts") },
  { forms: ["start", "container start"], ownProcess: "at a terminal", load: () => import("./commands/start.ts") },
  { forms: ["stats", "container stats"], ownProcess: "at a terminal", load: () => import("./commands/stats.ts") },
  { forms: ["stop", "container stop"], load: () => import("./commands/stop.ts") },
  { forms: ["system check"], ownProcess: "at a terminal", load: () => import("./commands/system_check.ts") },
  { forms: ["system df"], load: () => import("./commands/system_df.ts") },
  { forms: ["system prune"], load: () => import("./commands/system_prune.ts") },
  { forms: ["tag", "image tag"], load: () => import("./commands/tag.ts") },
  { forms: ["top", "container top"], load: () => import("./commands/top.ts") },
  { forms: ["unpause", "container unpause"], load: () => import("./commands/unpause.ts") },
  { forms: ["update", "container update"], load: () => import("./commands/update.ts") },
  { forms: ["volume clone"], ownProcess: "at a terminal", load: () => import("./commands/volume_clone.ts") },
  { forms: ["volume cp"], ownProcess: "at a terminal", load: () => import("./commands/volume_cp.ts") },
  { forms: ["volume create"], load: () => import("./commands/volume_create.ts") },
  { forms: ["volume export"], ownProcess: "at a terminal", load: () => import("./commands/volume_export.ts") },
  { forms: ["volume import"], ownProcess: "at a terminal", load: () => import("./commands/volume_import.ts") },
  { forms: ["volume inspect"], load: () => import("./commands/volume_inspect.ts") },
  { forms: ["volume ls", "volume list"], load: () => import("./commands/volume_ls.ts") },
  { forms: ["volume prune"], load: () => import("./commands/volume_prune.ts") },
  { forms: ["volume rename"], load: () => import("./commands/volume_rename.ts") },
  { forms: ["volume rm", "volume remove"], load: () => import("./commands/volume_rm.ts") },
  { forms: ["version"], load: () => import("./commands/version.ts") },
  { forms: ["wait", "container wait"], ownProcess: "at a terminal", load: () => import("./commands/wait.ts") },
];

/** The words that only hold commands together, with the line that help has for them. */
export const groups: Readonly<Record<string, string>> = {
  container: "Manage containers",
  engine: "Run the engine, or see to it",
  image: "Manage images",
  network: "Manage networks",
  system: "Manage the engine's store",
  volume: "Manage volumes",
};
