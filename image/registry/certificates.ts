/** Whom we believe, and who we are, towards one registry: docker's folders `certs.d/HOST[:PORT]`. */
import { invalid } from "../../base/errors.ts";
import { textIfThere } from "../../base/text_if_there.ts";

export interface Certificates {
  /** PEM, each of one or several certificates. */
  readonly authorities: readonly string[];
  /** Those of them that are for this registry alone. */
  readonly own: readonly string[];
  readonly client?: { readonly certificate: string; readonly key: string };
}

/** Where distributions keep the certificates that this machine trusts, as Go looks for them. */
const SYSTEM = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
  "/etc/ssl/cert.pem",
];

/** Deno knows Mozilla's authorities; what the owner of this machine has added comes from its own file. */
export function certificatesFor(host: string, folders: readonly string[]): Certificates {
  const own = folders.flatMap((folder) => readAll(`${folder}/${host}`, ".crt")).filter((text) => text !== "");
  const client = folders.map((folder) => clientOf(`${folder}/${host}`)).find((found) => found !== undefined);
  return {
    authorities: [systemAuthorities(), ...own].filter((text) => text !== ""),
    own,
    ...client !== undefined && { client },
  };
}

function systemAuthorities(): string {
  const paths = [Deno.env.get("SSL_CERT_FILE") ?? "", ...SYSTEM].filter((path) => path !== "");
  return paths.map((path) => textIfThere(path)).find((text) => text !== "") ?? "";
}

function readAll(folder: string, suffix: string): string[] {
  return names(folder).filter((name) => name.endsWith(suffix)).map((name) => textIfThere(`${folder}/${name}`));
}

function clientOf(folder: string): Certificates["client"] {
  const [name] = names(folder).filter((name) => name.endsWith(".cert"));
  if (name === undefined) return undefined;
  const key = textIfThere(`${folder}/${name.slice(0, -".cert".length)}.key`);
  if (key === "") throw invalid(`missing key ${name.replace(/cert$/, "key")} for client certificate ${name}`);
  return { certificate: textIfThere(`${folder}/${name}`), key };
}

function names(folder: string): string[] {
  try {
    return Array.from(Deno.readDirSync(folder), ({ name }) => name).sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return [];
    throw error;
  }
}
