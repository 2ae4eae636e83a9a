import type { TapeListing } from "../../base/container_engine.ts";
import { conflict } from "../../base/errors.ts";
import { execTape } from "../../runtime/start/exec_tape.ts";
import { closeStdio, makeStdio } from "../../runtime/stdio.ts";
import { listing } from "../../runtime/tape/listing.ts";
import { O } from "../../sys/open.ts";
import type { Exec } from "./exec.ts";
import { execSpec } from "./start_exec.ts";

/** The tape that the start of an exec would replay now. */
export function explainExec(exec: Exec): TapeListing {
  const { container: { id, running }, config } = exec;
  if (running === undefined) throw conflict(`container ${id} is not running`);
  using opened = new DisposableStack();
  const root = opened.use(running.openProc("root", O.PATH));
  const spec = execSpec(exec, running, root, opened);
  const stdio = opened.adopt(
    makeStdio({
      terminal: config.Tty ?? false,
      stdin: config.AttachStdin ?? false,
      devpts: { root },
      owner: spec.process.user.uid,
    }),
    closeStdio,
  );
  return listing(execTape(spec, stdio).tape);
}
