import type { ExecCreate, ExecInspect } from "../../base/docker/exec.ts";
import type { Container } from "../containers/container.ts";
import { InputGate } from "../streams/input_gate.ts";
import { OutputHub } from "../streams/output_hub.ts";
import type { Fd } from "../../sys/fd.ts";

/** A further command in a container: made, started once, and kept until its container ends. In memory only. */
export class Exec {
  readonly hub: OutputHub = new OutputHub();
  readonly input: InputGate = new InputGate();
  pid = 0;
  exitCode: number | undefined;
  phase: "created" | "running" | "ended" = "created";
  /** The pty's master while it runs. */
  terminal: Fd | undefined;

  constructor(readonly id: string, readonly container: Container, readonly config: ExecCreate) {}

  inspect(): ExecInspect {
    const { config } = this;
    const [entrypoint = "", ...args] = config.Cmd;
    return {
      ID: this.id,
      ContainerID: this.container.id,
      Running: this.phase === "running",
      ExitCode: this.exitCode ?? null,
      Pid: this.pid,
      CanRemove: this.phase === "ended",
      DetachKeys: config.DetachKeys ?? "",
      OpenStdin: config.AttachStdin ?? false,
      OpenStdout: config.AttachStdout ?? false,
      OpenStderr: config.AttachStderr ?? false,
      ProcessConfig: {
        tty: config.Tty ?? false,
        entrypoint,
        arguments: args,
        privileged: config.Privileged ?? false,
        ...config.User && { user: config.User },
      },
    };
  }
}
