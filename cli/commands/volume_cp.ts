import { copyCommand } from "../copy/copy_command.ts";

export const command = copyCommand("volume", "volume cp");
