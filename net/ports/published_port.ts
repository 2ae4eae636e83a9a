import { addressText } from "../../base/address_text.ts";

export type Protocol = "tcp" | "udp" | "sctp";

/** A port of a container, and where the host listens for it. */
export interface PublishedPort {
  readonly protocol: Protocol;
  readonly containerPort: number;
  /** `0.0.0.0` and `::` mean every address of their family. */
  readonly hostIp: string;
  readonly hostPort: number;
}

/** Where a port is looked for: `0.0.0.0:8080`, `[::]:8080`. */
export function hostAddress({ hostIp, hostPort }: PublishedPort): string {
  return addressText({ ip: hostIp, port: hostPort });
}
