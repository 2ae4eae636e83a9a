/** Which namespaces a container shares: `--pid`, `--uts`, `--userns`, `--cgroupns`. */
import { invalid } from "../../base/errors.ts";
import type { ContainerFlags } from "../container_flags.ts";

/** @throws `invalid` with docker's sentence for a mode that cannot be. */
export function checkModes(flags: ContainerFlags): void {
  if (!/^(host|container:.+)?$/.test(flags.pid)) throw invalid("--pid: invalid PID mode");
  if (!/^(host)?$/.test(flags.uts)) throw invalid("--uts: invalid UTS mode");
  if (!/^(host)?$/.test(flags.userns)) throw invalid("--userns: invalid USER mode");
  if (!/^(host|private)?$/.test(flags.cgroupns)) throw invalid("--cgroupns: invalid CGROUP mode");
  checkPublishMode(flags["publish-mode"]);
}

/** @throws `invalid` when published ports cannot be served in that way. */
export function checkPublishMode(text: string): void {
  if (/^(dnat|proxy|proxy-protocol)?$/.test(text)) return;
  throw invalid(`invalid publish mode: ${JSON.stringify(text)}: must be one of "dnat", "proxy" or "proxy-protocol"`);
}
