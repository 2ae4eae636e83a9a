/** Further commands in a running container, as Docker's Engine API v1.47 has them. */

/** The body of `POST /containers/{id}/exec`. */
export interface ExecCreate {
  /** Gives the command a stdin; without it, it reads end of file. */
  AttachStdin?: boolean;
  /** Whether whoever starts it gets its stdout. */
  AttachStdout?: boolean;
  /** The same for stderr. */
  AttachStderr?: boolean;
  /** Rows and columns that the terminal begins with. */
  ConsoleSize?: [number, number] | null;
  /** As for attach; absent or empty means `ctrl-p,ctrl-q`. */
  DetachKeys?: string;
  /** Gives the command a terminal; its output is then one stream. */
  Tty?: boolean;
  /** `NAME=value` beyond the container's variables. */
  Env?: string[] | null;
  /** The program, and its arguments; the image's entrypoint plays no part. */
  Cmd: string[];
  /** All capabilities and no seccomp filter; the namespaces and the devices stay the container's. */
  Privileged?: boolean;
  /** `user[:group]` by name or number; absent or empty means the container's. */
  User?: string;
  /** Absolute path; absent or empty means the container's. */
  WorkingDir?: string;
}

/** The answer of `GET /exec/{id}/json`. */
export interface ExecInspect {
  /** 64 hexadecimal digits. */
  ID: string;
  /** The full id of the container that it runs in. */
  ContainerID: string;
  /** False before its start too. */
  Running: boolean;
  /** null until it has ended. */
  ExitCode: number | null;
  /** On the host; 0 before its start, and the old one after its end. */
  Pid: number;
  /** It has ended, and is remembered only for those who ask. */
  CanRemove: boolean;
  /** As the request had them; empty means the default. */
  DetachKeys: string;
  /** `AttachStdin` of the request. */
  OpenStdin: boolean;
  /** `AttachStdout` of the request. */
  OpenStdout: boolean;
  /** `AttachStderr` of the request. */
  OpenStderr: boolean;
  /** The rest of the request; `entrypoint` is the program, `user` is absent where it is the container's. */
  ProcessConfig: { tty: boolean; entrypoint: string; arguments: string[]; privileged: boolean; user?: string };
}
