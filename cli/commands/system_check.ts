import type { CheckProgress } from "../../base/container_engine.ts";
import type { StoreCheck, StoreProblem } from "../../base/docker/system.ts";
import { counted, humanSize } from "../../base/units.ts";
import { type Context, defineCommand } from "../command.ts";
import { inspectFormatHelp } from "../inspect_objects.ts";
import { fillTemplate, readTemplate } from "../object_template.ts";

/** Ours: docker has no such command. */
export const command = defineCommand({
  usage: "[OPTIONS]",
  summary: "Check that the store is whole: what the database says, and what is on the disk",
  flags: {
    digests: { type: "bool", help: "Read all layers, and compare them with their digests" },
    format: { type: "string", help: inspectFormatHelp, default: "" },
    repair: { type: "bool", help: "Put right what can be put right without losing anything" },
  },
  args: { min: 0, max: 0 },
  async run(context, { digests, format, repair }) {
    const template = readTemplate(format);
    const check = await checked(context, { digests, repair });
    const left = check.Problems.filter(({ Repaired }) => !Repaired);
    if (template !== undefined) context.stdout.print(`${fillTemplate(template, check, "check")}\n`);
    else context.stdout.print(`${check.Problems.map(line).join("")}${summary(check)}\n`);
    return left.length === 0 ? 0 : 1;
  },
});

/** The reading of all layers takes as long as they are large: on a terminal one sees how far it has come. */
async function checked(
  { engine, stderr }: Context,
  options: { readonly digests: boolean; readonly repair: boolean },
): Promise<StoreCheck> {
  if (!options.digests || !stderr.isTerminal) return await engine.system.check(options);
  const progress = ({ current, total }: CheckProgress) => {
    stderr.print(`\r\x1b[2Kreading the layers: ${humanSize(current)} of ${humanSize(total)}`);
  };
  try {
    return await engine.system.check({ ...options, progress });
  } finally {
    stderr.print("\r\x1b[2K");
  }
}

function line({ Kind, Detail, Repaired }: StoreProblem): string {
  return `${Kind}: ${Detail}${Repaired ? " (repaired)" : ""}\n`;
}

/** `checked 3 images, 12 layers, 4 containers: 1 problem, 1 repaired`. */
function summary({ Checked, Problems }: StoreCheck): string {
  const things = Object.entries(Checked).map(([kind, count]) => counted(count, kind.replace(/s$/, "")));
  const repaired = Problems.filter(({ Repaired }) => Repaired).length;
  const found = Problems.length === 0 ? "no problems" : counted(Problems.length, "problem");
  return `checked ${things.join(", ")}: ${found}${repaired > 0 ? `, ${repaired} repaired` : ""}`;
}
