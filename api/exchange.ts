/** One request and its answer, as the handlers see them. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { ContainerEngine } from "../base/container_engine.ts";
import type { ApiVersion } from "./api_version.ts";
import type { Query } from "./query.ts";

export interface Exchange {
  readonly engine: ContainerEngine;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly version: ApiVersion;
  /** The `{name}` of the path, decoded; empty where the route has none. */
  readonly name: string;
  readonly query: Query;
  /** Aborted when the client goes away before the answer is complete, and when the server closes. */
  readonly signal: AbortSignal;
  /** Ends the process that serves (`POST /engine/stop`). */
  readonly stop: () => void;
  /** A line for the engine's log. */
  readonly log: (line: string) => void;
}

/** Answers a request; what it throws before the first byte becomes a status. Its promise settles with the answer. */
export type Handler = (exchange: Exchange) => Promise<void> | void;
