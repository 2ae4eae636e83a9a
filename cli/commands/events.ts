import type { EventMessage } from "../../base/docker/system.ts";
import { describeError, invalid } from "../../base/errors.ts";
import { parseTimestamp } from "../../base/time.ts";
import { defineCommand } from "../command.ts";
import { filterFlag, parseFilters } from "../format/filters.ts";
import { localRfc3339Nano } from "../format/go_time.ts";
import { shapeForTemplate } from "../format/inspect_shape.ts";
import { Template } from "../format/template.ts";
import { inspectFormatHelp } from "../inspect_objects.ts";
import { BAD_TEMPLATE } from "../object_template.ts";

export const command = defineCommand({
  usage: "[OPTIONS]",
  summary: "Get real time events from the server",
  flags: {
    filter: filterFlag("Filter output based on conditions provided", "f"),
    format: { type: "string", help: inspectFormatHelp, default: "" },
    since: { type: "string", help: "Show all events created since timestamp", default: "" },
    until: { type: "string", help: "Stream events until this timestamp", default: "" },
  },
  args: { min: 0, max: 0 },
  async run(context, { filter, format, since, until }) {
    let shown: (event: EventMessage) => string = eventLine;
    try {
      if (format !== "") shown = templated(format);
      shown(empty); // a template that asks for what events do not have is refused now, not at the first event
    } catch (error) {
      context.stderr.print(`Error parsing format: ${describeError(error)}\n`);
      return BAD_TEMPLATE;
    }
    const events = context.engine.system.events({
      filters: parseFilters(filter),
      ...(since === "" ? {} : { since: seconds(since) }),
      ...(until === "" ? {} : { until: seconds(until) }),
    });
    for await (const event of events) context.stdout.print(`${shown(event)}\n`);
    return 0;
  },
});

/** The fields in docker's order; those that an event does not have are no JSON. */
const docker = { status: undefined, id: undefined, from: undefined };

const empty: EventMessage = {
  Type: "container",
  Action: "",
  Actor: { ID: "", Attributes: {} },
  scope: "local",
  time: 0,
  timeNano: 0,
  status: "",
  id: "",
  from: "",
};

/** Docker's line: time, type, action, id, and the attributes in the order of their names. */
function eventLine({ Type, Action, Actor, time, timeNano }: EventMessage): string {
  const attributes = Object.entries(Actor.Attributes).sort(([a], [b]) => a < b ? -1 : 1);
  const shown = attributes.map(([name, value]) => `${name}=${value}`).join(", ");
  const moment = time === 0 ? "" : `${localRfc3339Nano(nanoseconds(time, timeNano))} `;
  return `${moment}${Type} ${Action} ${Actor.ID}${shown === "" ? "" : ` (${shown})`}`;
}

/** A double keeps 53 bits of `timeNano`; its shortest decimal form is the nearest to what the engine has written. */
function nanoseconds(time: number, timeNano: number): bigint {
  return timeNano === 0 ? BigInt(time) * 1_000_000_000n : BigInt(String(timeNano));
}

function templated(format: string): (event: EventMessage) => string {
  const template = new Template(format === "json" ? "{{json .}}" : format);
  return (event) => template.execute(shapeForTemplate({ ...docker, ...event }), { typeName: "event" });
}

function seconds(text: string): number {
  try {
    return Number(parseTimestamp(text, BigInt(Date.now()) * 1_000_000n)) / 1e9;
  } catch (error) {
    throw invalid(describeError(error));
  }
}
