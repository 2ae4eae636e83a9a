/** Images as Docker's Engine API v1.47 and the OCI image specification have them. */
import type { ContainerConfig } from "./container.ts";

/** A row of `GET /images/json`. */
export interface ImageSummary {
  /** `sha256:` and 64 hexadecimal digits: the digest of its configuration. */
  Id: string;
  /** The image that it was built on here; empty where that is not known. */
  ParentId: string;
  /** Names with tag, in short form: `busybox:latest`. */
  RepoTags: string[];
  /** Names with the digest of the manifest that they were pulled by. */
  RepoDigests: string[];
  /** Seconds since 1970. */
  Created: number;
  /** Bytes on disk, all layers; layers shared with others included. */
  Size: number;
  /** Bytes of those layers that other images have too; -1 unless asked for. */
  SharedSize: number;
  /** How many containers use it; -1 unless shared sizes were asked for. */
  Containers: number;
  /** Those of its configuration; null where it has none. */
  Labels: Record<string, string> | null;
  /** Ours, when asked for: the layers, the lowest first. */
  Layers?: ImageLayer[];
}

/** One of the layers of an image. */
export interface ImageLayer {
  /** The digest of its tar. */
  DiffId: string;
  /** Bytes of its files. */
  Size: number;
}

/** The answer of `GET /images/{name}/json`. */
export interface ImageInspect {
  /** `sha256:` and 64 hexadecimal digits: the digest of its configuration. */
  Id: string;
  /** Names with tag, in short form: `busybox:latest`. */
  RepoTags: string[];
  /** Names with the digest of the manifest that they were pulled by. */
  RepoDigests: string[];
  /** The image that it was built on here; empty where that is not known. */
  Parent: string;
  /** What was said when it was made; empty where nothing was. */
  Comment: string;
  /** RFC 3339. */
  Created: string;
  /** Of the engine that built it; empty where the image does not say. */
  DockerVersion: string;
  /** Empty where the image does not say. */
  Author: string;
  /** What its containers start with unless told otherwise. */
  Config: Partial<ContainerConfig>;
  /** In the words of Go: `amd64`, `arm64`. */
  Architecture: string;
  /** Of the architecture: `v8`. */
  Variant?: string;
  /** `linux`. */
  Os: string;
  /** Bytes on disk, all layers; layers shared with others included. */
  Size: number;
  /** Folders of its layers on the host, joined by `:`; null for the `host` image. */
  GraphDriver: { Name: string; Data: Record<string, string> | null };
  /** The digests of its layers uncompressed (diffIDs), the lowest first. */
  RootFS: { Type: "layers"; Layers: string[] };
  /** What this engine knows of it beyond the image itself; RFC 3339, `0001-01-01T00:00:00Z` for never. */
  Metadata: { LastTagTime: string };
}

/** A step in which an image was made, of `GET /images/{name}/history`. */
export interface ImageHistoryItem {
  /** An image id, or `<missing>`. */
  Id: string;
  /** Seconds since 1970. */
  Created: number;
  /** The instruction, or what stands for it. */
  CreatedBy: string;
  /** Names of the image whose last step it is; null elsewhere. */
  Tags: string[] | null;
  /** Bytes of the layer that it made; 0 where it made none. */
  Size: number;
  /** What was said at this step; often nothing. */
  Comment: string;
}

/** What a removal took away: a name in short form, or an image or layer by its digest. */
export type ImageDeleteItem = { Untagged: string } | { Deleted: string };

/** The answer of `POST /images/prune`. */
export interface ImagePruneResult {
  /** In the order in which they went. */
  ImagesDeleted: ImageDeleteItem[];
  /** Bytes set free on disk: layers that no other image has. */
  SpaceReclaimed: number;
}

/** One line of the progress stream of load, import, pull and push. */
export interface ProgressMessage {
  /** Text as it is to be printed, line ends included. */
  stream?: string;
  /** What is being done, `Loading layer`; of an import, last, the image id. */
  status?: string;
  /** What it is done to: the first twelve digits of a layer. */
  id?: string;
  /** A bar drawn by engines of old; not sent here. */
  progress?: string;
  /** Bytes done, and of how many. */
  progressDetail?: { current?: number; total?: number };
  /** What came of it, for programs: of a push, the tag and the digest of its manifest. */
  aux?: Record<string, unknown>;
  /** On the wire, last, the sentence that the work failed with; the library throws it. */
  error?: string;
  /** The same again, where newer clients look for it. */
  errorDetail?: { message: string };
}

/** One that was found, of `GET /images/search`. */
export interface ImageSearchResult {
  /** As it is pulled. */
  name: string;
  /** In a line. */
  description: string;
  /** How many people have starred it. */
  star_count: number;
  /** Whether Docker looks after it. */
  is_official: boolean;
  /** Of old; no registry builds any more. */
  is_automated: boolean;
}

/** The answer of `POST /auth`. */
export interface RegistryLogin {
  /** `Login Succeeded`. */
  Status: string;
  /** A secret to come again with instead of the password; empty where the registry gives none. */
  IdentityToken: string;
}
