import type { ContainerFolders } from "../containers/folders.ts";
import type { ContainerRecord, LifecycleState } from "../container_record.ts";

/** What of a container the reports are made of; all of it is in memory. */
export interface Reported {
  readonly id: string;
  readonly record: ContainerRecord;
  readonly state: LifecycleState;
  readonly folders: ContainerFolders;
  readonly execs: ReadonlySet<string>;
}

/** What of an image. */
export interface ReportedImage {
  readonly id: string;
  /** Names of its layers, lowest first. */
  readonly layers: readonly string[];
  /** Bytes of all its layers. */
  readonly size: number;
}

/** The image that a name or id means now. */
export interface ImageLookup {
  resolve(name: string): ReportedImage | undefined;
}
