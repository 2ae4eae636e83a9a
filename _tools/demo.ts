/** `deno task demo`: what a container is, shown in a few commands by an engine of its own. It leaves nothing behind. */
import { unfit } from "../api/engine_process.ts";
import { importBusybox } from "./demo/busybox.ts";
import { memoryLimit, ownImage, ownName, ownProcesses, ownWrites, pauseAndGoOn } from "./demo/sections.ts";
import { DemoFailed, Stage } from "./demo/stage.ts";

async function show(signal: AbortSignal): Promise<void> {
  await using stage = await Stage.open(signal);
  console.log(`An engine of its own keeps its state in ${stage.folder}.`);
  await ownProcesses(stage);
  await ownWrites(stage);
  const image = await importBusybox(stage);
  await ownImage(stage, image);
  await ownName(stage, image);
  await memoryLimit(stage, image);
  await pauseAndGoOn(stage, image);
}

async function main(): Promise<number> {
  const mounts = Deno.readTextFileSync("/proc/self/mounts");
  const hindrance = unfit({ uid: Deno.uid(), kernel: Deno.osRelease(), mounts });
  if (hindrance !== undefined) {
    console.error(`The demo cannot run: ${hindrance}.`);
    return 1;
  }
  const interrupted = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => interrupted.abort(new DOMException(signal, "AbortError")));
  }
  const started = performance.now();
  try {
    await show(interrupted.signal);
  } catch (error) {
    if (interrupted.signal.aborted) return 130;
    // What failed first is what matters, not what could not be cleared up after it.
    const first = error instanceof SuppressedError ? error.suppressed : error;
    if (!(first instanceof DemoFailed)) throw error;
    console.error(first.message);
    return 1;
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  console.log(`\nThat took ${seconds} s. Nothing is left of it: no process, no mount, no control group, no file.`);
  return 0;
}

if (import.meta.main) Deno.exit(await main());
