import type {
  ContainerEngine,
  Containers,
  Execs,
  Images,
  Networks,
  System,
  Volumes,
} from "../../base/container_engine.ts";
import { RemoteContainers } from "./containers.ts";
import { RemoteExecs } from "./execs.ts";
import { HttpClient } from "./http.ts";
import { RemoteImages } from "./images.ts";
import { RemoteNetworks } from "./networks.ts";
import { RemoteSystem } from "./system.ts";
import { RemoteVolumes } from "./volumes.ts";

/** How to reach an engine. */
export interface ConnectOptions {
  /** Called when nobody listens on the socket; settles when somebody does. Without it that is an error. */
  readonly start?: () => Promise<void>;
}

/**
 * The engine behind a Unix socket, by its path. Nothing is sent before the first call; each call throws `unavailable` if
 * nobody listens. It keeps no process alive by itself.
 */
export function connect(socket: string, options: ConnectOptions = {}): ContainerEngine {
  return new RemoteEngine(new HttpClient(socket, options.start));
}

class RemoteEngine implements ContainerEngine {
  readonly containers: Containers;
  readonly execs: Execs;
  readonly images: Images;
  readonly networks: Networks;
  readonly volumes: Volumes;
  readonly system: System;
  readonly #http: HttpClient;

  constructor(http: HttpClient) {
    this.#http = http;
    this.containers = new RemoteContainers(http);
    this.execs = new RemoteExecs(http);
    this.images = new RemoteImages(http);
    this.networks = new RemoteNetworks(http);
    this.volumes = new RemoteVolumes(http);
    this.system = new RemoteSystem(http);
  }

  /** Closes the idle connections; the engine goes on. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#http.close();
    return Promise.resolve();
  }
}
