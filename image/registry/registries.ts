/** What the verbs that talk to registries work with. */
import type { RegistryAuth } from "../../base/container_engine.ts";
import type { Shelf } from "../shelf.ts";
import { BlobCatalog } from "./blob_catalog.ts";
import type { RegistrySettings } from "./endpoint.ts";
import { LayerTransfers } from "./transfers.ts";

const DEFAULT_REGISTRY_SETTINGS: RegistrySettings = {
  insecure: [],
  mirrors: [],
  certificates: ["/etc/docker/certs.d"],
  retryDelay: 500,
};

export class Registries {
  readonly settings: RegistrySettings;
  readonly transfers: LayerTransfers;
  readonly blobs: BlobCatalog;

  constructor(shelf: Shelf, blobs: BlobCatalog, settings: Partial<RegistrySettings> = {}) {
    this.settings = { ...DEFAULT_REGISTRY_SETTINGS, ...settings };
    this.transfers = new LayerTransfers(shelf);
    this.blobs = blobs;
  }
}

/** Credentials, if there are any. */
export function authOf(auth: RegistryAuth | undefined): { auth?: RegistryAuth } {
  return auth === undefined ? {} : { auth };
}
