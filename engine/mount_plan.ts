/** What a container has mounted, as its record keeps it: read from the request once, when it is created. */

/** One of the mounts of a container. */
export type MountPlan = BindPlan | VolumePlan | TmpfsPlan | ImagePlan;

/** A file or folder of the host. */
export interface BindPlan {
  readonly kind: "bind";
  readonly source: string;
  readonly target: string;
  readonly readonly: boolean;
  /** Of what is mounted below a read-only source: it may be written to. */
  readonly writableBelow?: boolean;
  /** With what is mounted below it. */
  readonly recursive: boolean;
  readonly propagation?: Propagation;
  /** The options as they were given. */
  readonly mode: string;
  /** Whether a folder is made where there is nothing. */
  readonly makeMissing: boolean;
  /** `:U`: it is given to the user of the container when that starts. */
  readonly chown?: boolean;
  /** `:idmap`: what belongs to its owner belongs to the user of the container there, and the other way round. */
  readonly idmap?: boolean;
}

export type Propagation = "private" | "rprivate" | "slave" | "rslave" | "shared" | "rshared";

/** A volume, or a file or folder in it. */
export interface VolumePlan {
  readonly kind: "volume";
  /** Empty in a request: one is made for this container. */
  readonly name: string;
  /** Goes with the last container that has it like that, if asked to. */
  readonly anonymous: boolean;
  readonly target: string;
  readonly readonly: boolean;
  readonly mode: string;
  /** Whether it is filled with what the image has there, as long as it is empty. */
  readonly copy: boolean;
  /** Below its root. */
  readonly subpath?: string;
  readonly chown?: boolean;
  readonly idmap?: boolean;
  /** For one that has to be made. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly options?: Readonly<Record<string, string>>;
}

export interface TmpfsPlan {
  readonly kind: "tmpfs";
  readonly target: string;
  /** MS_ flags. */
  readonly flags: number;
  readonly data: string;
}

/** The files of an image, read-only. */
export interface ImagePlan {
  readonly kind: "image";
  /** As the user wrote it; its id once it is in a record. */
  readonly image: string;
  readonly target: string;
  readonly subpath?: string;
}
