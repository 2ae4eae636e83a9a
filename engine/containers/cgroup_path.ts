import type { ContainerRecord } from "../container_record.ts";

/** Where a container's control group lies, in every hierarchy. */
export function cgroupPath({ id, hostConfig }: ContainerRecord): string {
  const parent = hostConfig.CgroupParent.split("/").filter((part) => part !== "" && part !== "." && part !== "..");
  return `/${(parent.length > 0 ? parent : ["sauropod"]).join("/")}/${id}`;
}
