import { defineCommand } from "../command.ts";
import { credentialHelper } from "../credential_helper.ts";
import { changeDockerConfig, readDockerConfig } from "../docker_config.ts";
import { HUB_KEY, registryKey } from "../registry_auth.ts";

export const command = defineCommand({
  usage: "[SERVER]",
  summary: "Log out from a registry",
  flags: {},
  args: { min: 0, max: 1 },
  async run(context, _flags, [server = ""]) {
    const key = registryKey(server);
    const config = readDockerConfig(context);
    const helper = config.credHelpers?.[key] ?? config.credsStore;
    const names = Object.keys(config.auths ?? {}).filter((name) => registryKey(name) === key);
    const shown = key === HUB_KEY ? HUB_KEY : key;
    if (names.length === 0 && !helper) {
      context.stdout.print(`Not logged in to ${shown}\n`);
      return 0;
    }
    context.stdout.print(`Removing login credentials for ${shown}\n`);
    if (helper) await credentialHelper(helper).erase(key);
    if (names.length > 0) {
      changeDockerConfig(context, ({ auths = {} }) => {
        for (const name of names) delete auths[name];
      });
    }
    return 0;
  },
});
