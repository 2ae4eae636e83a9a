import { connect } from "../api/client/connect.ts";
import type { ContainerEngine } from "../base/container_engine.ts";
import type { Settings } from "../base/settings.ts";

/** The engine of these settings; the first call starts it when nobody listens on its socket, by way of {@link startEngine}. */
export function openEngine(settings: Settings, closeOnExec: () => Promise<void>): ContainerEngine {
  return connect(settings.socket, {
    start: async () => {
      const { startEngine } = await import("./start_engine.ts");
      await startEngine(settings, closeOnExec);
    },
  });
}
