/** Images as Docker's Engine API v1.47 and the OCI image specification have them. */
import type { ContainerConfig } from "./container.ts";

export interface ImageSummary {
  Id: string;
  ParentId: string;
  RepoTags: string[];
  RepoDigests: string[];
  /** Seconds since 1970. */
  Created: number;
  /** Bytes on disk, all layers; layers shared with others included. */
  Size: number;
  SharedSize: number;
  Containers: number;
  Labels: Record<string, string> | null;
}

export interface ImageInspect {
  Id: string;
  RepoTags: string[];
  RepoDigests: string[];
  Parent: string;
  Comment: string;
  /** RFC 3339. */
  Created: string;
  DockerVersion: string;
  Author: string;
  Config: Partial<ContainerConfig>;
  Architecture: string;
  Variant?: string;
  Os: string;
  Size: number;
  GraphDriver: { Name: string; Data: Record<string, string> | null };
  RootFS: { Type: "layers"; Layers: string[] };
  Metadata: { LastTagTime: string };
}

export interface ImageHistoryItem {
  /** An image id, or `<missing>`. */
  Id: string;
  /** Seconds since 1970. */
  Created: number;
  CreatedBy: string;
  Tags: string[] | null;
  Size: number;
  Comment: string;
}

export type ImageDeleteItem = { Untagged: string } | { Deleted: string };

/** One line of the progress stream of load, import, pull and push. */
export interface ProgressMessage {
  stream?: string;
  status?: string;
  id?: string;
  progress?: string;
  progressDetail?: { current?: number; total?: number };
  error?: string;
  errorDetail?: { message: string };
}
