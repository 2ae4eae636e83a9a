/** Which version of Docker's API a request speaks. */
import { invalid } from "../base/errors.ts";

/** The minor number NN of API version 1.NN. */
export type ApiVersion = number;

const MINIMUM_VERSION: ApiVersion = 24;
export const CURRENT_VERSION: ApiVersion = 47;

/** A path without its `/v1.NN`, and the version as written. */
export interface VersionedPath {
  readonly path: string;
  readonly version: string | undefined;
}

export function splitVersion(path: string): VersionedPath {
  const [, version, rest] = /^\/v([0-9.]+)(\/.*)$/.exec(path) ?? [];
  return rest === undefined ? { path, version: undefined } : { path: rest, version };
}

/**
 * The version to answer in; without one in the path it is the newest.
 * @throws `invalid` with Docker's sentence when it is older or newer than what is served.
 */
export function parseVersion(version: string | undefined): ApiVersion {
  if (version === undefined) return CURRENT_VERSION;
  const [, major = NaN, minor = NaN] = (/^(\d+)(?:\.(\d+))?/.exec(version) ?? []).map((part) => Number(part ?? 0));
  const ours = major === 1 ? minor : major > 1 ? Infinity : 0;
  if (ours > CURRENT_VERSION) {
    throw invalid(`client version ${version} is too new. Maximum supported API version is 1.${CURRENT_VERSION}`);
  }
  if (!(ours >= MINIMUM_VERSION)) {
    throw invalid(
      `client version ${version} is too old. Minimum supported API version is 1.${MINIMUM_VERSION}, ` +
        "please upgrade your client to a newer version",
    );
  }
  return ours;
}
