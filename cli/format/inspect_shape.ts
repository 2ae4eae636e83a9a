/**
 * Docker runs templates on Go's structs, in which a field is a map, a list or a pointer even when JSON has null for it
 * or leaves it out; the names below let JSON be read in the same way.
 */

const maps = new Set([
  "Attributes",
  "Annotations",
  "AuxiliaryAddresses",
  "Containers",
  "Details",
  "DriverOpts",
  "ExposedPorts",
  "Labels",
  "Networks",
  "Options",
  "PortBindings",
  "Ports",
  "StorageOpt",
  "Sysctls",
  "Tmpfs",
  "Volumes",
  "GraphDriver.Data",
  "LogConfig.Config",
]);

const lists = new Set([
  "Aliases",
  "Args",
  "Binds",
  "BlkioWeightDevice",
  "CapAdd",
  "CapDrop",
  "Cmd",
  "DeviceCgroupRules",
  "DeviceRequests",
  "Devices",
  "DNSNames",
  "Dns",
  "DnsOptions",
  "DnsSearch",
  "Entrypoint",
  "Env",
  "ExecIDs",
  "ExtraHosts",
  "GroupAdd",
  "Links",
  "MaskedPaths",
  "Mounts",
  "OnBuild",
  "ReadonlyPaths",
  "RepoDigests",
  "RepoTags",
  "SecurityOpt",
  "Shell",
  "Ulimits",
  "VolumesFrom",
]);

const strings = new Set(["StopSignal", "from", "id", "status"]);

/** Fields that JSON leaves out when they have their zero value, by the field that they are in. */
const omitted: Readonly<Record<string, readonly string[]>> = {
  "State": ["Health"],
  "Config": ["ExposedPorts", "Healthcheck", "Labels", "Shell", "StopSignal", "StopTimeout", "Volumes"],
  "HostConfig": ["Annotations", "Init", "Mounts", "StorageOpt", "Sysctls", "Tmpfs"],
};

/** Go's names of fields that are spelled differently in JSON. */
const goNames: Readonly<Record<string, string>> = {
  ApiVersion: "APIVersion",
  CpuPeriod: "CPUPeriod",
  CpuQuota: "CPUQuota",
  CpuShares: "CPUShares",
  HostIp: "HostIP",
  Id: "ID",
  from: "From",
  id: "ID",
  status: "Status",
  NanoCpus: "NanoCPUs",
  scope: "Scope",
  time: "Time",
  timeNano: "TimeNano",
};

class NilList extends Array<never> {
  toJSON(): null {
    return null;
  }
}

class NilMap extends Map<never, never> {
  toJSON(): null {
    return null;
  }
}

/** A value of JSON with Go's maps as `Map`, nil lists and maps as empty ones, and Go's names beside those of JSON. */
export function shapeForTemplate(value: unknown, field = "", parent = ""): unknown {
  if (value === null || value === undefined) return zero(field, parent);
  if (Array.isArray(value)) return value.map((item) => shapeForTemplate(item, "", field));
  if (typeof value !== "object") return value;
  if (isMap(field, parent)) {
    return new Map(Object.entries(value).map(([key, item]) => [key, shapeForTemplate(item, "", field)]));
  }
  const shaped: Record<string, unknown> = {};
  for (const [name, item] of Object.entries(value)) {
    const inner = shapeForTemplate(item, name, field);
    if (item === undefined) hide(shaped, name, inner);
    else shaped[name] = inner;
    const goName = goNames[name];
    if (goName !== undefined) hide(shaped, goName, inner);
  }
  for (const name of omitted[field] ?? []) {
    if (!Object.hasOwn(shaped, name)) hide(shaped, name, zero(name, field));
  }
  return shaped;
}

function isMap(field: string, parent: string): boolean {
  return maps.has(field) || maps.has(`${parent}.${field}`);
}

/** What a field has in Go when JSON has nothing for it. */
function zero(field: string, parent: string): unknown {
  if (isMap(field, parent)) return new NilMap();
  if (lists.has(field)) return new NilList();
  return strings.has(field) ? "" : null;
}

/** A template finds it, JSON and printing do not. */
function hide(object: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(object, name, { value, enumerable: false });
}
