import { HttpClient } from "../../../api/client/http.ts";
import { timed } from "../command.ts";
import type { Measurement } from "../measurement.ts";
import { image } from "../peer.ts";

/** The engine alone: `POST /containers/ID/start` is answered when the command has been exec'd. */
export const apiStart: Measurement = {
  name: "api-start",
  rows: [{ title: "engine: start request to exec'd (API)", unit: "ms", better: "less" }],
  rounds: 15,
  warmUp: true,
  without: ({ api }) => api === undefined ? "it serves no API" : undefined,
  async sample(peer) {
    if (peer.api === undefined) return [];
    const { socket, version } = peer.api;
    const http = new HttpClient(socket);
    const post = async (path: string, json?: unknown) =>
      await (await http.request({ method: "POST", path: `/${version}${path}`, json })).text();
    try {
      const config = { Image: image, Cmd: ["sleep", "3600"], HostConfig: { NetworkMode: "none" } };
      const { Id }: { Id: string } = JSON.parse(await post("/containers/create", config));
      try {
        return [await timed(() => post(`/containers/${Id}/start`))];
      } finally {
        await peer.remove([Id]);
      }
    } finally {
      http.close();
    }
  },
};
