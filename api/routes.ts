/** Everything that can be asked of the engine: Docker's Engine API, and what is ours. */
import type { ApiVersion } from "./api_version.ts";
import type { Handler } from "./exchange.ts";
import { attach, logs } from "./handlers/container_streams.ts";
import * as containers from "./handlers/containers.ts";
import { dryRunOf } from "./handlers/dry_run.ts";
import * as execs from "./handlers/execs.ts";
import { fileHandlers } from "./handlers/files.ts";
import * as images from "./handlers/images.ts";
import * as networks from "./handlers/networks.ts";
import * as registries from "./handlers/registries.ts";
import * as system from "./handlers/system.ts";
import * as volumes from "./handlers/volumes.ts";

/** Method, path, first version that has it, handler. `{name}` is one segment, `{name...}` any number of them. */
export type Route = readonly [method: string, path: string, since: ApiVersion, handler: Handler];

const containerFiles = fileHandlers(({ containers }) => containers);
const volumeFiles = fileHandlers(({ volumes }) => volumes);

export const ROUTES: readonly Route[] = [
  ["GET", "/_ping", 24, system.ping],
  ["HEAD", "/_ping", 24, system.ping],
  ["GET", "/version", 24, system.version],
  ["GET", "/info", 24, system.info],
  ["GET", "/events", 24, system.events],
  ["GET", "/system/df", 25, system.diskUsage],
  ["POST", "/auth", 24, registries.auth],
  ["POST", "/build/prune", 31, system.pruneBuilds],
  ["POST", "/system/check", 24, system.check], // ours
  ["POST", "/engine/stop", 24, system.stopEngine], // ours

  ["GET", "/containers/json", 24, containers.list],
  ["POST", "/containers/create", 24, containers.create],
  ["POST", "/containers/prune", 25, containers.prune],
  ["POST", "/containers/prune/dry-run", 24, dryRunOf("containers")], // ours
  ["GET", "/containers/{name}/json", 24, containers.inspect],
  ["GET", "/containers/{name}/top", 24, containers.top],
  ["GET", "/containers/{name}/logs", 24, logs],
  ["GET", "/containers/{name}/changes", 24, containers.changes],
  ["GET", "/containers/{name}/export", 24, containers.exportTar],
  ["HEAD", "/containers/{name}/archive", 24, containerFiles.statPath],
  ["GET", "/containers/{name}/archive", 24, containerFiles.getArchive],
  ["PUT", "/containers/{name}/archive", 24, containerFiles.putArchive],
  ["GET", "/containers/{name}/paths", 24, containerFiles.findPaths], // ours
  ["GET", "/containers/{name}/stats", 24, containers.stats],
  ["GET", "/containers/{name}/tape", 24, containers.tape], // ours
  ["POST", "/containers/{name}/resize", 24, containers.resize],
  ["POST", "/containers/{name}/start", 24, containers.start],
  ["POST", "/containers/{name}/stop", 24, containers.stop],
  ["POST", "/containers/{name}/restart", 24, containers.restart],
  ["POST", "/containers/{name}/kill", 24, containers.kill],
  ["POST", "/containers/{name}/update", 24, containers.update],
  ["POST", "/containers/{name}/rename", 24, containers.rename],
  ["POST", "/containers/{name}/pause", 24, containers.pause],
  ["POST", "/containers/{name}/unpause", 24, containers.unpause],
  ["POST", "/containers/{name}/attach", 24, attach],
  ["POST", "/containers/{name}/wait", 24, containers.wait],
  ["DELETE", "/containers/{name}", 24, containers.remove],

  ["POST", "/containers/{name}/exec", 24, execs.create],
  ["POST", "/exec/{name}/start", 24, execs.start],
  ["POST", "/exec/{name}/resize", 24, execs.resize],
  ["GET", "/exec/{name}/json", 24, execs.inspect],
  ["GET", "/exec/{name}/tape", 24, execs.tape], // ours

  ["POST", "/commit", 24, containers.commit],
  ["GET", "/images/json", 24, images.list],
  ["POST", "/images/create", 24, images.create],
  ["POST", "/images/load", 24, images.load],
  ["POST", "/images/prune", 25, images.prune],
  ["POST", "/images/prune/dry-run", 24, dryRunOf("images")], // ours
  ["GET", "/images/get", 24, images.save],
  ["GET", "/images/search", 24, registries.search],
  ["GET", "/images/{name...}/get", 24, images.saveOne],
  ["GET", "/images/{name...}/json", 24, images.inspect],
  ["GET", "/images/{name...}/history", 24, images.history],
  ["POST", "/images/{name...}/push", 24, registries.push],
  ["POST", "/images/{name...}/tag", 24, images.tag],
  ["DELETE", "/images/{name...}", 24, images.remove],

  ["GET", "/networks", 24, networks.list],
  ["GET", "/networks/", 24, networks.list],
  ["POST", "/networks/create", 24, networks.create],
  ["POST", "/networks/prune", 25, networks.prune],
  ["POST", "/networks/prune/dry-run", 24, dryRunOf("networks")], // ours
  ["GET", "/networks/{name}", 24, networks.inspect],
  ["POST", "/networks/{name}/connect", 24, networks.connect],
  ["POST", "/networks/{name}/disconnect", 24, networks.disconnect],
  ["DELETE", "/networks/{name}", 24, networks.remove],

  ["GET", "/volumes", 24, volumes.list],
  ["POST", "/volumes/create", 24, volumes.create],
  ["POST", "/volumes/prune", 25, volumes.prune],
  ["POST", "/volumes/prune/dry-run", 24, dryRunOf("volumes")], // ours
  ["GET", "/volumes/{name}", 24, volumes.inspect],
  ["DELETE", "/volumes/{name}", 24, volumes.remove],
  ["POST", "/volumes/{name}/rename", 24, volumes.rename], // ours, as all below
  ["POST", "/volumes/{name}/clone", 24, volumes.clone],
  ["GET", "/volumes/{name}/contents", 24, volumes.exportTar],
  ["PUT", "/volumes/{name}/contents", 24, volumes.importTar],
  ["HEAD", "/volumes/{name}/archive", 24, volumeFiles.statPath],
  ["GET", "/volumes/{name}/archive", 24, volumeFiles.getArchive],
  ["PUT", "/volumes/{name}/archive", 24, volumeFiles.putArchive],
  ["GET", "/volumes/{name}/paths", 24, volumeFiles.findPaths],
];
