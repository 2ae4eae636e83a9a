import type { SystemVersion } from "../../base/docker/system.ts";
import { version } from "../../base/version.ts";
import { goArchitecture } from "./host.ts";

/** The versions of Docker's API that are spoken (api/api_version.ts serves them). */
const API_VERSION = "1.47";
const MIN_API_VERSION = "1.24";

/** `GET /version`. The first component is what `docker version` shows as the server. */
export function systemVersion(): SystemVersion {
  const common = {
    ApiVersion: API_VERSION,
    MinAPIVersion: MIN_API_VERSION,
    GitCommit: "",
    GoVersion: `deno${Deno.version.deno}`,
    Os: "linux",
    Arch: goArchitecture(),
    KernelVersion: Deno.osRelease(),
    BuildTime: "",
  };
  return {
    Platform: { Name: "Sauropod" },
    Components: [
      { Name: "Engine", Version: version, Details: { ...common, Experimental: "false" } },
      { Name: "deno", Version: Deno.version.deno, Details: { V8: Deno.version.v8 } },
    ],
    Version: version,
    ...common,
  };
}
