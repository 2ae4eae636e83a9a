import type { Measurement } from "../measurement.ts";
import { apiStart } from "./api_start.ts";
import { cp } from "./cp.ts";
import { crowd } from "./crowd.ts";
import { dns } from "./dns.ts";
import { engineMemory } from "./engine_memory.ts";
import { exec } from "./exec.ts";
import { images, volumeLs } from "./lists.ts";
import { load, loadLargeFile, loadManyFiles } from "./load.ts";
import { logs } from "./logs.ts";
import { memory } from "./memory.ts";
import { networkCreate } from "./network_create.ts";
import { ps } from "./ps.ts";
import { publishInARow } from "./publish_many.ts";
import { pull } from "./pull.ts";
import { pullMemory } from "./pull_memory.ts";
import { runWithNetwork, runWithoutNetwork } from "./run.ts";
import { startFourAtATime, startInARow } from "./start_many.ts";
import { byDnat, byProxy } from "./throughput.ts";

/** In the order of the table. The engine's memory comes first: later it would carry what the others have left in it. */
export const measurements: readonly Measurement[] = [
  engineMemory,
  runWithNetwork,
  runWithoutNetwork,
  apiStart,
  exec,
  startInARow,
  startFourAtATime,
  memory,
  ps,
  logs,
  pullMemory,
  pull,
  load,
  loadManyFiles,
  loadLargeFile,
  cp,
  publishInARow,
  crowd,
  networkCreate,
  dns,
  byDnat,
  byProxy,
  volumeLs,
  images,
];
