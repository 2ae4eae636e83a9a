/** Something in the state folder that is not as it must be, as a check finds it: what is told, and how it is mended. */
export interface Fault {
  /** A stable word for programs: `layer-orphan`. */
  readonly kind: string;
  /** A digest, an id, a name, a path below the state folder. */
  readonly object: string;
  /** The whole sentence for people. */
  readonly detail: string;
  /** How it can be put right without losing anything that anybody could want; absent where that cannot be done. */
  readonly repair?: Repair;
}

/** What puts a fault right. */
export interface Repair {
  /** What has then been done, in a word or two: `removed`. */
  readonly done: string;
  run(): void | Promise<void>;
}
