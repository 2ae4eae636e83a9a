import { fileExists } from "../../base/file_exists.ts";
import { cgroupMode, findCommand, kernelAtLeast, loadModule } from "./machine.ts";

/** What a test needs from the machine; without it the test is skipped, and says why. */
export interface Requirements {
  readonly root?: boolean;
  /** At least this kernel: `5.10`. */
  readonly kernel?: string;
  /** A command or several that must be on the PATH. */
  readonly command?: string | readonly string[];
  /** A cgroup version whose controllers can be used; hybrid counts as v1. */
  readonly cgroup?: "v1" | "v2" | "any";
  /** A module of the kernel or several; they are loaded where that is needed. */
  readonly module?: string | readonly string[];
  /** A path that must be there: `/dev/kvm`. */
  readonly path?: string;
  /** Anything else: why the test cannot run here, or undefined if it can. */
  readonly unless?: string | undefined;
}

/** Why the machine does not meet `needs`; undefined if it does. */
export function unmet(needs: Requirements): string | undefined {
  if (needs.root && Deno.uid() !== 0) return "needs root";
  if (needs.kernel !== undefined && !kernelAtLeast(Deno.osRelease(), needs.kernel)) {
    return `needs Linux ${needs.kernel}, this is ${Deno.osRelease()}`;
  }
  const missing = [needs.command ?? []].flat().find((command) => findCommand(command) === undefined);
  if (missing !== undefined) return `needs the command ${missing}`;
  if (needs.cgroup !== undefined) {
    const mode = cgroupMode(Deno.readTextFileSync("/proc/self/mounts"));
    const version = mode === "hybrid" ? "v1" : mode;
    if (version === "none") return "needs cgroups, none are mounted";
    if (needs.cgroup !== "any" && version !== needs.cgroup) return `needs cgroup ${needs.cgroup}, this is ${mode}`;
  }
  const absent = [needs.module ?? []].flat().find((module) => !loadModule(module));
  if (absent !== undefined) return `needs a kernel with ${absent}`;
  if (needs.path !== undefined && !fileExists(needs.path)) return `needs ${needs.path}`;
  return needs.unless;
}

/**
 * Says whether a test must be skipped, and prints the reason: `Deno.test({ name, ...requires({ root: true }, name), fn })`.
 * Without a name the place of the call stands for it. The runner (`deno task test`) finds the reason again by the file
 * that `SAUROPOD_SKIPS` names.
 */
export function requires(needs: Requirements, name?: string): { ignore: boolean } {
  const reason = unmet(needs);
  if (reason === undefined) return { ignore: false };
  const place = callerPlace();
  console.error(`skipped: ${name ?? `${place.file}:${place.line}`}: ${reason}`);
  const log = Deno.env.get("SAUROPOD_SKIPS");
  if (log) Deno.writeTextFileSync(log, `${JSON.stringify({ ...place, name, reason })}\n`, { append: true });
  return { ignore: true };
}

function callerPlace(): { file: string; line: number } {
  const frames = (new Error().stack ?? "").split("\n").filter((frame) => frame.includes("file://"));
  const [, path = "unknown", line = "0"] = frames.map((frame) => /file:\/\/(\S+?):(\d+):\d+/.exec(frame))
    .find((match) => match !== null && `file://${match[1]}` !== import.meta.url) ?? [];
  const root = new URL("../../", import.meta.url).pathname;
  return { file: path.startsWith(root) ? path.slice(root.length) : path, line: Number(line) };
}
