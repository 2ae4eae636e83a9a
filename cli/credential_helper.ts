/** Programs `docker-credential-NAME` that keep credentials (github.com/docker/docker-credential-helpers). */
import type { RegistryAuth } from "../base/container_engine.ts";
import { invalid, unavailable } from "../base/errors.ts";

/** A name that stands for an identity token instead of a user. */
const TOKEN_USER = "<token>";

export interface CredentialHelper {
  get(server: string): Promise<RegistryAuth | undefined>;
  store(server: string, auth: RegistryAuth): Promise<void>;
  erase(server: string): Promise<void>;
}

export function credentialHelper(name: string): CredentialHelper {
  if (!/^[\w.-]+$/.test(name)) throw invalid(`invalid name of a credential helper: ${JSON.stringify(name)}`);
  const program = `docker-credential-${name}`;
  return {
    async get(server) {
      const answer = await call(program, "get", server);
      if (answer === undefined) return undefined;
      const { Username: user, Secret: secret } = parse(program, answer);
      if (typeof user !== "string" || typeof secret !== "string") return undefined;
      return user === TOKEN_USER ? { identitytoken: secret } : { username: user, password: secret };
    },
    async store(server, { username = "", password = "", identitytoken }) {
      const [Username, Secret] = identitytoken ? [TOKEN_USER, identitytoken] : [username, password];
      await call(program, "store", JSON.stringify({ ServerURL: server, Username, Secret }));
    },
    async erase(server) {
      await call(program, "erase", server);
    },
  };
}

/** What it prints; undefined when it has nothing of that name. */
async function call(program: string, verb: string, input: string): Promise<string | undefined> {
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(program, { args: [verb], stdin: "piped", stdout: "piped", stderr: "piped" }).spawn();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw unavailable(`error getting credentials: ${program} is not in $PATH`);
  }
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input)).then(() => writer.close()).catch(() => {});
  const { success, stdout, stderr } = await child.output();
  const text = new TextDecoder().decode(stdout).trim();
  if (success) return text;
  if (/credentials not found/.test(text)) return undefined;
  const said = text || new TextDecoder().decode(stderr).trim();
  throw unavailable(`error ${verb === "get" ? "getting" : "storing"} credentials: ${program}: ${said}`);
}

function parse(program: string, text: string): Record<string, unknown> {
  try {
    return JSON.parse(text);
  } catch {
    throw unavailable(`error getting credentials: ${program} printed no JSON`);
  }
}
