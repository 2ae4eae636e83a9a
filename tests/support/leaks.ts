/** What a test may leave on the machine, and must not: processes, mounts, interfaces, control groups, firewall rules. */

export interface LeakBaseline {
  readonly interfaces: readonly string[];
  readonly cgroups: readonly string[];
  readonly rules: readonly string[];
}

export function leakBaseline(): LeakBaseline {
  return { interfaces: interfaces(), cgroups: cgroups(), rules: rules() };
}

/** One line for each thing that was not there at the baseline, or that still has to do with `folder`. */
export function leaks(baseline: LeakBaseline, folder: string): string[] {
  const added = (kind: string, now: readonly string[], before: readonly string[]) =>
    now.filter((name) => !before.includes(name)).map((name) => `${kind} ${name}`);
  return [
    ...mountsOf(folder),
    ...added("interface", interfaces(), baseline.interfaces),
    ...added("cgroup", cgroups(), baseline.cgroups),
    ...added("firewall rule", rules(), baseline.rules),
    ...processesOf(folder),
  ];
}

/** Those of this network namespace; /sys shows those of whoever mounted it. */
function interfaces(): string[] {
  const lines = Deno.readTextFileSync("/proc/self/net/dev").split("\n").slice(2);
  return lines.flatMap((line) => /^\s*([^\s:]+):/.exec(line)?.[1] ?? []);
}

/** Chains and rules that are ours. */
function rules(): string[] {
  try {
    const { stdout } = new Deno.Command("iptables-save", { stdin: "null", stderr: "null" }).outputSync();
    return new TextDecoder().decode(stdout).split("\n").filter((line) => line.includes("SAUROPOD"));
  } catch {
    return []; // not installed
  }
}

/** All that we mount is mounted on something below the state folder, or from there. */
function mountsOf(folder: string): string[] {
  const lines = Deno.readTextFileSync("/proc/self/mountinfo").split("\n");
  return lines.filter((line) => line.includes(`${folder}/`)).map((line) => `mount ${line}`);
}

/**
 * The groups of containers, in every hierarchy, that nobody is in: those are left over. Where somebody is in one, it is
 * another engine's, or the keeper is found among the processes.
 */
function cgroups(): string[] {
  const root = "/sys/fs/cgroup";
  return ["", ...names(root)].flatMap((hierarchy) =>
    names(`${root}/${hierarchy}/sauropod`).filter((name) =>
      /^[0-9a-f]{64}$/.test(name) && isEmpty(`${root}/${hierarchy}/sauropod/${name}`)
    ).map((name) => `${hierarchy}:${name}`)
  );
}

function isEmpty(group: string): boolean {
  try {
    return Deno.readTextFileSync(`${group}/cgroup.procs`) === "";
  } catch {
    return false; // it has gone meanwhile
  }
}

/** Processes that have a file below `folder` open or in their command line: engines and keepers. */
function processesOf(folder: string): string[] {
  return names("/proc").filter((pid) => /^\d+$/.test(pid) && Number(pid) !== Deno.pid).filter((pid) => {
    try {
      return names(`/proc/${pid}/fd`).some((fd) => {
        const target = Deno.readLinkSync(`/proc/${pid}/fd/${fd}`);
        return target.startsWith(`${folder}/`);
      });
    } catch {
      return false; // it has ended meanwhile
    }
  }).map((pid) => `process ${pid}`);
}

function names(folder: string): string[] {
  try {
    return Array.from(Deno.readDirSync(folder), ({ name }) => name);
  } catch {
    return [];
  }
}
