/** Volumes as Docker's Engine API v1.47 has them on the wire, and what is ours beyond. */

/** The body of `POST /volumes/create`; whatever is left out takes its default. */
export interface VolumeCreate {
  /** Absent or empty: 64 hexadecimal digits that nobody else has, and the volume counts as anonymous. */
  Name?: string;
  /** `local`, the only one. */
  Driver?: string;
  /** `type`, `device` and `o`, as mount(8) has them; without them it is a folder of the engine's own. */
  DriverOpts?: Record<string, string> | null;
  /** The user's own. */
  Labels?: Record<string, string> | null;
}

/** A container that has a volume among its mounts. */
export interface VolumeUser {
  /** 64 hexadecimal digits. */
  Id: string;
  /** Without slash. */
  Name: string;
  /** Whether it runs now. */
  Running: boolean;
  /** Where it has it, in the container. */
  Destinations: string[];
}

/** A volume: the answer of `GET /volumes/{name}`, and a row of `GET /volumes`. */
export interface VolumeInspect {
  /** RFC 3339, in seconds. */
  CreatedAt: string;
  /** `local`. */
  Driver: string;
  /** The user's own; null when there are none. */
  Labels: Record<string, string> | null;
  /** Its folder on the host. */
  Mountpoint: string;
  /** By which containers ask for it. */
  Name: string;
  /** As they were given; null when there are none. */
  Options: Record<string, string> | null;
  /** Other scopes are Swarm's. */
  Scope: "local";
  /** How many containers have it, and its bytes (-1: not counted). */
  UsageData?: { RefCount: number; Size: number };
  /** Ours: who they are; of `inspect` only. */
  UsedBy?: VolumeUser[];
}

/** The answer of `GET /volumes`. */
export interface VolumeList {
  /** In the order of their names. */
  Volumes: VolumeInspect[];
  /** Drivers that did not answer; there are none. */
  Warnings: string[] | null;
}

/** The answer of `POST /volumes/prune`. */
export interface VolumePruneResult {
  /** By name; with a dry run those that would be. */
  VolumesDeleted: string[];
  /** Bytes set free on disk. */
  SpaceReclaimed: number;
}
