/**
 * Sauropod: a container engine for Linux as a library. {@link Engine} works in this process and needs root;
 * {@link connect} speaks to an engine behind a socket. Both offer the same interface, {@link ContainerEngine}.
 *
 * @module
 */
export { Engine } from "./engine/engine.ts";
export { connect, type ConnectOptions } from "./api/client/connect.ts";
export { EngineError, type ErrorClass } from "./base/errors.ts";
export type { Settings } from "./base/settings.ts";
export type * from "./base/container_engine.ts";
export type * from "./base/docker/archive.ts";
export type * from "./base/docker/container.ts";
export type * from "./base/docker/exec.ts";
export type * from "./base/docker/host_config.ts";
export type * from "./base/docker/image.ts";
export type * from "./base/docker/network.ts";
export type * from "./base/docker/resources.ts";
export type * from "./base/docker/system.ts";
export type * from "./base/docker/volume.ts";
