/** Files in a container or a volume, as Docker's Engine API v1.47 tells of them. */

/** What lies at a path: the header `X-Docker-Container-Path-Stat`, base64 of this as JSON. */
export interface PathStat {
  /** The last name of the path that was asked for. */
  name: string;
  /** Bytes. */
  size: number;
  /** As Go has it (`io/fs.FileMode`): the nine permission bits, and the kind in bits of its own, see {@link GO_MODE}. */
  mode: number;
  /** RFC 3339 with nanoseconds. */
  mtime: string;
  /** Of a symlink: what it leads to, as a path in the container; else empty. */
  linkTarget: string;
}

/** The bits of a mode in Go's encoding beyond the permissions. */
export const GO_MODE = {
  directory: 2 ** 31,
  symlink: 2 ** 27,
  device: 2 ** 26,
  namedPipe: 2 ** 25,
  socket: 2 ** 24,
  setuid: 2 ** 23,
  setgid: 2 ** 22,
  characterDevice: 2 ** 21,
  sticky: 2 ** 20,
} as const;

/** Whether a mode of Go's says that. */
export function hasGoMode(mode: number, kind: keyof typeof GO_MODE): boolean {
  return Math.floor(mode / GO_MODE[kind]) % 2 === 1;
}
