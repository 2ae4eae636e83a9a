import { shortId } from "../../base/names.ts";
import { bytesSize, humanSize } from "../../base/units.ts";
import type { ListView, Row } from "./list_format.ts";
import type { StatsFigures } from "./stats_figures.ts";

/** The table of `stats`. */
export const statsView: ListView = {
  typeName: "stats",
  headers: {
    Container: "CONTAINER",
    Name: "NAME",
    ID: "CONTAINER ID",
    CPUPerc: "CPU %",
    MemUsage: "MEM USAGE / LIMIT",
    MemPerc: "MEM %",
    NetIO: "NET I/O",
    BlockIO: "BLOCK I/O",
    PIDs: "PIDS",
  },
  table: "table {{.ID}}\t{{.Name}}\t{{.CPUPerc}}\t{{.MemUsage}}\t{{.MemPerc}}\t{{.NetIO}}\t{{.BlockIO}}\t{{.PIDs}}",
};

/** A row of the table; without figures it shows that there are none. */
export function statsRow(container: string, figures: StatsFigures | undefined, truncate: boolean): Row {
  if (figures === undefined) {
    const none = { BlockIO: "--", CPUPerc: "--", MemPerc: "--", MemUsage: "-- / --", NetIO: "--", PIDs: "--" };
    return { ...none, Container: container, ID: truncate ? shortId(container) : container, Name: "--" };
  }
  return {
    BlockIO: `${humanSize(figures.read, 3)} / ${humanSize(figures.written, 3)}`,
    CPUPerc: percent(figures.cpuPercent),
    Container: container,
    ID: truncate ? shortId(figures.id) : figures.id,
    MemPerc: percent(figures.memoryPercent),
    MemUsage: `${bytesSize(figures.memory)} / ${bytesSize(figures.memoryLimit)}`,
    Name: figures.name === "" ? "--" : figures.name,
    NetIO: `${humanSize(figures.received, 3)} / ${humanSize(figures.sent, 3)}`,
    PIDs: String(figures.pids),
  };
}

function percent(value: number): string {
  return `${value.toFixed(2)}%`;
}
