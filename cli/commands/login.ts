import type { RegistryAuth } from "../../base/container_engine.ts";
import { invalid } from "../../base/errors.ts";
import { type Context, defineCommand } from "../command.ts";
import { credentialHelper } from "../credential_helper.ts";
import { changeDockerConfig, dockerConfigPath, readDockerConfig } from "../docker_config.ts";
import { readLine, readSecret } from "../prompt.ts";
import { HUB_KEY, registryKey, storedAuth } from "../registry_auth.ts";

export const command = defineCommand({
  usage: "[OPTIONS] [SERVER]",
  summary: "Authenticate to a registry",
  flags: {
    "password": { type: "string", short: "p", help: "Password", default: "" },
    "password-stdin": { type: "bool", help: "Take the password from stdin" },
    "username": { type: "string", short: "u", help: "Username", default: "" },
  },
  args: { min: 0, max: 1 },
  async run(context, flags, [server = ""]) {
    const { stderr, stdout } = context;
    if (flags.password !== "") {
      if (flags["password-stdin"]) throw invalid("conflicting options: --password and --password-stdin are exclusive");
      stderr.print("WARNING! Using --password via the CLI is insecure. Use --password-stdin.\n");
    }
    if (flags["password-stdin"] && flags.username === "") {
      throw invalid("username is empty: must be set with --username");
    }
    const key = registryKey(server);
    const password = flags["password-stdin"] ? await passwordOf(context) : flags.password;
    const auth = flags.username === "" && password === ""
      ? await storedAuth(context, key) ?? await ask(context, key, "", "")
      : await ask(context, key, flags.username, password);
    const { Status, IdentityToken } = await context.engine.images.login({ ...auth, serveraddress: key });
    const { username = "" } = auth;
    await keep(context, key, IdentityToken === "" ? auth : { username, identitytoken: IdentityToken });
    stdout.print(`${Status}\n`);
    return 0;
  },
});

async function passwordOf({ stdin }: Context): Promise<string> {
  return (await new Response(stdin.readable).text()).replace(/\r?\n$/, "");
}

async function ask(context: Context, key: string, username: string, password: string): Promise<RegistryAuth> {
  if ((username === "" || password === "") && !context.stdin.isTerminal) {
    throw invalid("Cannot perform an interactive login from a non TTY device");
  }
  if (key === HUB_KEY && username === "") {
    context.stdout.print("Log in with your Docker ID or email address to push and pull images from Docker Hub.\n");
  }
  const user = username || await readLine(context, "Username: ");
  if (user === "") throw invalid("username is required");
  const secret = password || await readSecret(context, "Password: ");
  if (secret === "") throw invalid("password is required");
  return { username: user, password: secret };
}

/** With the helper that the configuration names; else in the file itself, and says so. */
async function keep(context: Context, key: string, auth: RegistryAuth): Promise<void> {
  const config = readDockerConfig(context);
  const helper = config.credHelpers?.[key] ?? config.credsStore;
  if (helper) return await credentialHelper(helper).store(key, auth);
  const { username = "", password = "", identitytoken } = auth;
  const pair = new TextEncoder().encode(`${username}:${password}`).toBase64();
  changeDockerConfig(context, (config) => {
    (config.auths ??= {})[key] = { auth: pair, ...identitytoken && { identitytoken } };
  });
  context.stderr.print(
    `\nWARNING! Your credentials are stored unencrypted in '${dockerConfigPath(context)}'.\n` +
      "Configure a credential helper to remove this warning. See\n" +
      "https://docs.docker.com/go/credential-store/\n\n",
  );
}
