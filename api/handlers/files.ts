/** Files of a container or a volume: Docker's `archive`, which volumes have here too, and a search that is ours. */
import type { ContainerEngine, Files } from "../../base/container_engine.ts";
import type { PathStat } from "../../base/docker/archive.ts";
import { invalid } from "../../base/errors.ts";
import { bodyStream } from "../body.ts";
import type { Exchange, Handler } from "../exchange.ts";
import { sendBytes, sendJson, sendNothing } from "../respond.ts";

/** The handlers of what has files. */
export interface FileHandlers {
  readonly statPath: Handler;
  readonly getArchive: Handler;
  readonly putArchive: Handler;
  readonly findPaths: Handler;
}

/** Those of containers, or of volumes. */
export function fileHandlers(choose: (engine: ContainerEngine) => Files): FileHandlers {
  return {
    async statPath(exchange) {
      showStat(exchange, await choose(exchange.engine).statPath(exchange.name, pathOf(exchange)));
      sendNothing(exchange, 200);
    },
    async getArchive(exchange) {
      const { stat, tar } = await choose(exchange.engine).getArchive(exchange.name, pathOf(exchange));
      showStat(exchange, stat);
      await sendBytes(exchange, tar, "application/x-tar");
    },
    async putArchive(exchange) {
      const { engine, name, query, request } = exchange;
      await choose(engine).putArchive(name, pathOf(exchange), bodyStream(request), {
        noOverwriteDirNonDir: query.bool("noOverwriteDirNonDir"),
        copyUIDGID: query.bool("copyUIDGID"),
      });
      sendNothing(exchange, 200);
    },
    async findPaths(exchange) {
      const pattern = exchange.query.text("pattern") ?? "";
      sendJson(exchange, await choose(exchange.engine).findPaths(exchange.name, pattern));
    },
  };
}

function pathOf({ query }: Exchange): string {
  const path = query.text("path");
  if (path === undefined || path === "") throw invalid("bad parameter: 'path' cannot be empty");
  return path;
}

/** A header has ASCII only; the name has what it likes. */
function showStat({ response }: Exchange, stat: PathStat): void {
  const text = new TextEncoder().encode(JSON.stringify(stat));
  response.setHeader("X-Docker-Container-Path-Stat", text.toBase64());
}
