import type { AttachedStreams, Bytes, ExecStartOptions } from "../../base/container_engine.ts";
import { conflict, describeError } from "../../base/errors.ts";
import { failpoint } from "../../base/failpoint.ts";
import { readRecord, removeRecord } from "../../runtime/keeper.ts";
import type { ExecSpec } from "../../runtime/container_spec.ts";
import { exitCodeOf, startProcess } from "../../runtime/start/start.ts";
import { closeStdio, makeStdio } from "../../runtime/stdio.ts";
import type { Fd } from "../../sys/fd.ts";
import { O } from "../../sys/open.ts";
import { Streams } from "../containers/attach.ts";
import { publishContainerEvent } from "../containers/container_event.ts";
import type { RunningContainer } from "../containers/running_container.ts";
import type { Parts } from "../parts.ts";
import { OutputPump } from "../processes/output_pump.ts";
import { userInRoot } from "../spec/accounts.ts";
import { entryOf } from "../spec/cgroup_entry.ts";
import { execEnvironment } from "../spec/environment.ts";
import { processSpec, workingDirectory } from "../spec/process_spec.ts";
import { InputQueue } from "../streams/input_queue.ts";
import type { Exec } from "./exec.ts";

/**
 * Starts the command and connects the caller, unless it wants to be detached.
 * @throws `conflict` when the container does not run or the exec was started before, or what the start failed with.
 */
export async function startExec(
  parts: Parts,
  exec: Exec,
  options: ExecStartOptions,
): Promise<AttachedStreams | undefined> {
  const { container, config } = exec;
  const { running } = container;
  if (exec.phase !== "created") throw conflict(`exec ${exec.id} has already run`);
  if (running === undefined) throw conflict(`container ${container.id} is not running`);
  exec.phase = "running";
  const streams = options.detach ? undefined : new Streams({
    tty: config.Tty ?? false,
    output: exec.hub.subscribe({ stdout: config.AttachStdout ?? false, stderr: config.AttachStderr ?? false }),
    before: undefined,
    input: config.AttachStdin ? exec.input : undefined,
    closesStdin: !config.Tty,
    detachKeys: config.Tty && config.AttachStdin ? config.DetachKeys || "ctrl-p,ctrl-q" : "",
    onDetach: () => publishContainerEvent(parts, container, "exec_detach", { execID: exec.id }),
  });
  try {
    await launch(parts, exec, running, options);
  } catch (error) {
    exec.phase = "ended";
    exec.exitCode = exitCodeOf(error);
    exec.hub.endRun();
    exec.input.endRun();
    parts.log(`exec ${exec.id}: ${describeError(error)}`);
    throw error;
  }
  publishContainerEvent(parts, container, `exec_start: ${config.Cmd.join(" ")}`, { execID: exec.id });
  return streams;
}

async function launch(parts: Parts, exec: Exec, running: RunningContainer, options: ExecStartOptions): Promise<void> {
  const { config } = exec;
  using opened = new DisposableStack();
  const terminal = config.Tty ?? false;
  const root = opened.use(running.openProc("root", O.PATH));
  const spec = execSpec(exec, running, root, opened);
  const stdio = makeStdio({
    terminal,
    stdin: config.AttachStdin ?? false,
    devpts: { root },
    owner: spec.process.user.uid,
    ...options.consoleSize && { size: options.consoleSize },
  });
  using resources = new DisposableStack();
  resources.defer(() => closeStdio(stdio));
  failpoint("exec.stdio");
  const recordPath = `${parts.settings.runDir}/execs/${exec.id}`;
  const { keeper, ended, pid, process } = await startProcess({ exec: spec }, stdio, recordPath, parts.reactor);
  resources.defer(() => removeRecord(recordPath));
  resources.use(keeper);
  resources.defer(() => keeper.kill()); // for a failure; it leaves by itself
  resources.use(ended);
  process.close();
  failpoint("exec.process");
  exec.pid = pid;
  exec.terminal = terminal ? stdio.engine.stdin : undefined;

  const deliver = (stream: "stdout" | "stderr", data: Bytes) => void exec.hub.push(stream, data);
  const { stdin, stderr } = stdio.engine;
  const stdout = terminal ? stdin : stdio.engine.stdout;
  const pump = resources.use(
    new OutputPump(parts.reactor, { ...stdout && { stdout }, ...stderr && { stderr }, terminal }, deliver),
  );
  exec.hub.onSaturation({ saturated: () => pump.pause(), drained: () => pump.resume() });
  if (stdin !== undefined) {
    const queue = resources.use(new InputQueue(stdin, parts.reactor, { ownsDescriptor: !terminal }));
    exec.input.open(queue, () => keeper.closeStdin());
  }
  resources.use(parts.reactor.watch(ended, {
    read: () => {
      pump.drain();
      finish(parts, exec, recordPath);
      whileRunning.dispose();
    },
  }));
  const whileRunning = resources.move();
}

/** What runs, and as whom: the container's environment and user, changed by the request. */
export function execSpec(
  exec: Exec,
  running: RunningContainer,
  root: Fd,
  opened: DisposableStack,
): ExecSpec {
  const { config, container: { record } } = exec;
  const user = userInRoot(config.User || record.config.User, record.hostConfig.GroupAdd ?? [], root);
  const terminal = config.Tty ?? false;
  const inherited = [
    `PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
    `HOSTNAME=${record.config.Hostname}`,
  ];
  const env = execEnvironment(
    [...inherited, ...terminal ? ["TERM=xterm"] : [], ...record.config.Env],
    config.Env ?? [],
    user.home,
  );
  const cwd = config.WorkingDir || workingDirectory(record.config);
  return {
    target: running.process,
    cgroup: entryOf(running.cgroup, opened),
    process: processSpec(
      { args: config.Cmd, env, cwd, user, terminal, privileged: config.Privileged ?? false },
      record.hostConfig,
    ),
  };
}

function finish(parts: Parts, exec: Exec, recordPath: string): void {
  exec.phase = "ended";
  exec.exitCode = readRecord(recordPath).end?.exitCode ?? 137;
  exec.terminal = undefined;
  exec.hub.endRun();
  exec.input.endRun();
  publishContainerEvent(parts, exec.container, "exec_die", { execID: exec.id, exitCode: String(exec.exitCode) });
}
