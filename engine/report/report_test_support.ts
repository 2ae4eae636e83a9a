/** Containers for the tests of the reports: plain data, no process behind them. */
import type { ContainerConfig } from "../../base/docker/container.ts";
import type { HostConfig } from "../../base/docker/host_config.ts";
import type { NetworkSettings } from "../../base/docker/network.ts";
import { containerFolders } from "../containers/folders.ts";
import type { ContainerRecord, LifecycleState } from "../container_record.ts";
import { notFound } from "../../base/errors.ts";
import type { ImageLookup, Reported } from "./reported.ts";

export const SETTINGS = { root: "/r", runDir: "/run/r", socket: "/run/r/s" };

export const RUNNING: LifecycleState = {
  status: "running",
  paused: false,
  pid: 42,
  keeper: { pid: 41, startTime: "1" },
  startedAt: "2026-01-02T03:00:00.000000000Z",
  stopping: false,
};

export const EXITED: LifecycleState = {
  status: "exited",
  exitCode: 3,
  error: "",
  oomKilled: true,
  startedAt: "2026-01-02T03:00:00.000000000Z",
  finishedAt: "2026-01-02T03:04:00.000000000Z",
  stopped: false,
  restarting: false,
};

export const CREATED: LifecycleState = { status: "created", error: "no such file", exitCode: 127 };

/** What a test may choose of a container. */
export interface Wish {
  readonly name: string;
  readonly state?: LifecycleState;
  readonly created?: string;
  readonly image?: string;
  readonly imageId?: string;
  readonly labels?: Record<string, string>;
  readonly command?: readonly [string, ...string[]];
  readonly ports?: NetworkSettings["Ports"];
  readonly mounts?: ContainerRecord["mounts"];
  readonly logDriver?: string;
}

/** A container whose id is its name in hexadecimal, filled up. */
export function container(wish: Wish): Reported {
  const id = new TextEncoder().encode(wish.name).toHex().padEnd(64, "0");
  const state = wish.state ?? RUNNING;
  const record: ContainerRecord = {
    id,
    name: wish.name,
    created: wish.created ?? "2026-01-02T02:00:00.000000000Z",
    imageId: wish.imageId ?? "sha256:aa",
    config: {
      Image: wish.image ?? "busybox",
      Labels: wish.labels ?? {},
      Env: [],
      Tty: false,
    } as unknown as ContainerConfig,
    hostConfig: {
      NetworkMode: "none",
      LogConfig: { Type: wish.logDriver ?? "json-file", Config: {} },
    } as unknown as HostConfig,
    command: wish.command ?? ["sh"],
    mounts: wish.mounts ?? [],
    chosenMacs: {},
    networkSettings: { Ports: wish.ports ?? {}, Networks: { none: { NetworkID: "n1" } } } as unknown as NetworkSettings,
    platform: "linux",
    restartCount: 0,
    state,
  };
  return { id, record, state, folders: containerFolders(SETTINGS, id), execs: new Set() };
}

/** `busybox` is sha256:aa, `child` is built on it, `other` is not. */
export const IMAGES: ImageLookup = {
  resolve: (name) =>
    [
      { id: "sha256:aa", name: "busybox", layers: ["1"], size: 1 },
      { id: "sha256:bb", name: "child", layers: ["1", "2"], size: 3 },
      { id: "sha256:cc", name: "other", layers: ["3"], size: 4 },
    ].find((image) => image.id === name || image.name === name),
};

/** What `list` works with. */
export function listParts(...containers: Reported[]) {
  const get = (name: string) => {
    const found = containers.find(({ record }) => record.name === name);
    if (found === undefined) throw notFound(`No such container: ${name}`);
    return found;
  };
  return {
    settings: SETTINGS,
    images: IMAGES,
    containers: { [Symbol.iterator]: () => containers[Symbol.iterator](), get },
  };
}
