import type { HostConfig } from "../../base/docker/host_config.ts";
import { invalid } from "../../base/errors.ts";

/** `no`, `always`, `unless-stopped`, `on-failure[:max-retries]`; the engine knows which names there are. */
export function parseRestartPolicy(text: string): HostConfig["RestartPolicy"] {
  const colon = text.indexOf(":");
  const name = colon < 0 ? text : text.slice(0, colon);
  const count = colon < 0 ? "" : text.slice(colon + 1);
  if (name === "" && colon >= 0) throw invalid("invalid restart policy format: no policy provided before colon");
  if (!/^-?\d*$/.test(count)) throw invalid("invalid restart policy format: maximum retry count must be an integer");
  return { Name: name, MaximumRetryCount: Number(count) };
}
