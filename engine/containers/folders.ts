import type { Settings } from "../../base/settings.ts";

/** Where the files of one container are. */
export interface ContainerFolders {
  /** Absolute: writable layer, log, and the three files below. */
  readonly home: string;
  readonly log: string;
  readonly logFile: string;
  readonly hostname: string;
  readonly hosts: string;
  readonly resolvConf: string;
  /** The keeper's record (runtime/keeper_layout.ts); in the run folder, gone after a reboot. */
  readonly record: string;
}

export function containerFolders({ root, runDir }: Settings, id: string): ContainerFolders {
  const home = `${root}/containers/${id}`;
  return {
    home,
    log: home,
    logFile: `${home}/${id}-json.log`,
    hostname: `${home}/hostname`,
    hosts: `${home}/hosts`,
    resolvConf: `${home}/resolv.conf`,
    record: `${runDir}/containers/${id}`,
  };
}
