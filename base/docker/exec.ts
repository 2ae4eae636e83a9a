/** Further commands in a running container, as Docker's Engine API v1.47 has them. */

/** The body of `POST /containers/{id}/exec`. */
export interface ExecCreate {
  AttachStdin?: boolean;
  AttachStdout?: boolean;
  AttachStderr?: boolean;
  ConsoleSize?: [number, number] | null;
  DetachKeys?: string;
  Tty?: boolean;
  Env?: string[] | null;
  Cmd: string[];
  Privileged?: boolean;
  User?: string;
  WorkingDir?: string;
}

export interface ExecInspect {
  ID: string;
  ContainerID: string;
  Running: boolean;
  /** null until it has ended. */
  ExitCode: number | null;
  Pid: number;
  CanRemove: boolean;
  DetachKeys: string;
  OpenStdin: boolean;
  OpenStdout: boolean;
  OpenStderr: boolean;
  ProcessConfig: { tty: boolean; entrypoint: string; arguments: string[]; privileged: boolean; user?: string };
}
