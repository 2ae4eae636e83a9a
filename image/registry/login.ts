import type { RegistryAuth } from "../../base/container_engine.ts";
import type { RegistryLogin } from "../../base/docker/image.ts";
import { EngineError, forbidden } from "../../base/errors.ts";
import { endpointsOf, type RegistrySettings } from "./endpoint.ts";
import { StatusError } from "./registry_error.ts";
import { RegistrySession } from "./session.ts";

/** Docker Hub by the name that it has in docker's configuration file. */
const HUB = /^(https?:\/\/)?(index\.|registry-1\.)?docker\.io(\/|$)/;

/** Asks a registry whether it lets one in. @throws forbidden when it does not */
export async function loginTo(settings: RegistrySettings, auth: RegistryAuth): Promise<RegistryLogin> {
  const server = auth.serveraddress || "docker.io";
  const domain = HUB.test(server) ? "docker.io" : server.replace(/^https?:\/\//, "").replace(/\/.*$/, "");
  const endpoint = endpointsOf(domain, settings).at(-1); // not a mirror
  if (endpoint === undefined) throw forbidden(`there is no registry ${domain}`);
  const signal = AbortSignal.timeout(60_000);
  using session = await RegistrySession.open(endpoint, settings, { repository: "", actions: "", auth, signal });
  try {
    const { response } = await session.call(session.root);
    await response.body?.cancel();
    const token = auth.identitytoken ?? await session.refreshToken();
    return { Status: "Login Succeeded", IdentityToken: token ?? "" };
  } catch (error) {
    if (!(error instanceof StatusError) || error.status !== 401) throw error;
    const cause = { cause: error };
    throw new EngineError("forbidden", `Get "${session.root}": unauthorized: incorrect username or password`, cause);
  }
}
