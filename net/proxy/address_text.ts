import type { SocketAddress } from "../../sys/socket_address.ts";

/** `172.17.0.2:80`, `[::1]:80`. */
export function addressText({ ip, port }: SocketAddress): string {
  return ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`;
}
