/** Credentials for registries, as docker keeps them: in its configuration file, or with a helper program. */
import type { RegistryAuth } from "../base/container_engine.ts";
import type { Context } from "./command.ts";
import { credentialHelper } from "./credential_helper.ts";
import { readDockerConfig } from "./docker_config.ts";

/** Docker Hub, as docker's configuration file calls it. */
export const HUB_KEY = "https://index.docker.io/v1/";

/** The key of a registry in docker's configuration file. */
export function registryKey(server: string): string {
  const host = server.replace(/^https?:\/\//, "").replace(/\/.*$/, "");
  return host === "" || /^((index|registry-1)\.)?docker\.io$/.test(host) ? HUB_KEY : host;
}

/** The registry of an image's name: what stands before the first slash if it could not be anything else. */
export function registryOf(image: string): string {
  const slash = image.indexOf("/");
  const first = image.slice(0, Math.max(slash, 0));
  return /[.:]/.test(first) || first === "localhost" || first !== first.toLowerCase() ? first : "docker.io";
}

/** What is known of a registry; nothing when one has not logged in. */
export async function storedAuth(context: Context, server: string): Promise<RegistryAuth | undefined> {
  const config = readDockerConfig(context);
  const key = registryKey(server);
  const helper = config.credHelpers?.[key] ?? config.credsStore;
  if (helper !== undefined && helper !== "") {
    const found = await credentialHelper(helper).get(key);
    if (found !== undefined) return { ...found, serveraddress: key };
  }
  const entry = Object.entries(config.auths ?? {}).find(([name]) => registryKey(name) === key)?.[1];
  if (entry === undefined) return undefined;
  const found = decodeAuth(entry.auth ?? "");
  const { identitytoken, registrytoken } = entry;
  if (found === undefined && !identitytoken && !registrytoken) return undefined;
  return {
    ...found,
    serveraddress: key,
    ...identitytoken && { identitytoken },
    ...registrytoken && { registrytoken },
  };
}

/** The same, as an option of a call on an image. */
export async function authFor(context: Context, image: string): Promise<{ auth?: RegistryAuth }> {
  const auth = await storedAuth(context, registryOf(image));
  return auth === undefined ? {} : { auth };
}

function decodeAuth(text: string): RegistryAuth | undefined {
  if (text === "") return undefined;
  try {
    const pair = new TextDecoder().decode(Uint8Array.fromBase64(text));
    const colon = pair.indexOf(":");
    if (colon < 0) return undefined;
    return { username: pair.slice(0, colon), password: pair.slice(colon + 1).replace(/\0+$/, "") };
  } catch {
    return undefined;
  }
}
