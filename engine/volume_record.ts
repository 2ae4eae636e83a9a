/** What the engine keeps about a volume: this object, as a row of the database. */
export interface VolumeRecord {
  readonly name: string;
  /** RFC 3339 with nanoseconds. */
  readonly created: string;
  readonly labels: Readonly<Record<string, string>>;
  /** `type`, `device` and `o`, as the user gave them; empty: a folder of our own. */
  readonly options: Readonly<Record<string, string>>;
  /** Nobody has given it its name: it may go with its container. */
  readonly anonymous: boolean;
  /** What is in `_fill` is whole and is being moved into `_data`: whoever finds this goes on with it. */
  readonly filling?: boolean;
  /** Its folder has this name still: whoever finds this renames it. */
  readonly formerName?: string;
}
