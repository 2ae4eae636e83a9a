/** `172.17.0.2:80`, `[::1]:80`. */
export function addressText({ ip, port }: { readonly ip: string; readonly port: number | string }): string {
  return ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`;
}
