import { busyboxRootTar } from "../../tests/support/fixtures.ts";
import { findCommand } from "../../tests/support/machine.ts";
import { install } from "../test/install.ts";
import { packages } from "../test/packages.ts";
import { heading, type Stage } from "./stage.ts";

/**
 * Imports an image that has nothing of the host in it, made of Debian's busybox-static, which is installed if there is no
 * busybox. Where that cannot be done it says so and the demo goes on with the image `host`.
 */
export async function importBusybox(stage: Stage): Promise<"busybox" | "host"> {
  heading("An image", "A root file system in a tar becomes an image. This one has a single program in it, busybox.");
  try {
    await installIfMissing();
    await stage.sauropod(["import", await busyboxRootTar(), "busybox"]);
    await stage.quietly("run", "--rm", "--network", "none", "busybox", "true"); // it may be linked to libraries of the host
    return "busybox";
  } catch (error) {
    if (error instanceof DOMException) throw error;
    const [reason] = (error instanceof Error ? error.message : String(error)).split("\n");
    console.log(`There can be no image of busybox here (${reason}): the image host serves instead.`);
    return "host";
  }
}

async function installIfMissing(): Promise<void> {
  if (findCommand("busybox") !== undefined) return;
  if (findCommand("apt-get") === undefined) return; // busyboxRootTar says what is missing
  console.log("Installing busybox-static by apt-get.");
  await install(packages.filter(({ name }) => name === "busybox-static"));
}
