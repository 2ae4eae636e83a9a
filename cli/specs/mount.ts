/** `--mount type=bind,src=/a,dst=/b,readonly` (docker/cli, opts/mount.go). */
import type { MountRequest } from "../../base/docker/host_config.ts";
import { describeError, invalid } from "../../base/errors.ts";
import { parseBool } from "../../base/parse_bool.ts";
import { parseBinarySize } from "../../base/units.ts";
import { commaFields } from "./comma_fields.ts";
import { keyValues } from "./environment.ts";
import { absolutePath } from "./path.ts";

const types = ["bind", "volume", "tmpfs", "image", "npipe", "cluster"] as const;
/** Keys that mean true when they stand alone. */
const switches = new Set(["readonly", "ro", "volume-nocopy", "bind-nonrecursive", "bind-create-src"]);
const propagations = new Set(["private", "rprivate", "shared", "rshared", "slave", "rslave"]);

type Options = Record<string, string[]>;

export function parseMount(text: string): MountRequest {
  const options: Options = {};
  for (const field of commaFields(text)) {
    const equals = field.indexOf("=");
    const key = (equals < 0 ? field : field.slice(0, equals)).toLowerCase();
    if (equals < 0 && !switches.has(key)) throw invalid(`invalid field '${field}' must be a key=value pair`);
    (options[key] ??= []).push(equals < 0 ? "true" : field.slice(equals + 1));
  }
  const take = taker(options);
  const typeName = (take("type") ?? "volume").toLowerCase();
  const type = types.find((one) => one === typeName);
  if (type === undefined) throw invalid(`mount type ${JSON.stringify(typeName)} is not known`);
  const source = take("source", "src");
  const target = take("target", "dst", "destination");
  if (target === undefined) throw invalid("target is required");
  if (type === "tmpfs" && source !== undefined) throw invalid("cannot specify source with type tmpfs");
  const readonly = take("readonly", "ro");
  const mount: MountRequest = {
    Type: type,
    Target: target,
    ...source !== undefined &&
      { Source: type === "bind" && /^\.{1,2}(\/|$)/.test(source) ? absolutePath(source) : source },
    ...readonly !== undefined && { ReadOnly: bool("readonly", readonly) },
    ...one("Consistency", take("consistency")),
    ...bindOptions(type, options),
    ...volumeOptions(type, options),
    ...tmpfsOptions(type, options),
    ...imageOptions(type, options),
  };
  const [unknown] = Object.keys(options);
  if (unknown !== undefined) throw invalid(`unexpected key '${unknown}' in '${unknown}=${options[unknown]}'`);
  return mount;
}

export function checkMount(text: string): void {
  parseMount(text);
}

function bindOptions(type: string, options: Options): Partial<MountRequest> {
  if (type !== "bind") {
    const keys = ["bind-propagation", "bind-nonrecursive", "bind-recursive", "bind-create-src"];
    return refuse("bind", type, options, keys);
  }
  const take = taker(options);
  const propagation = take("bind-propagation");
  if (propagation !== undefined && !propagations.has(propagation)) {
    throw invalid(`invalid propagation mode: ${propagation}`);
  }
  const nonRecursive = take("bind-nonrecursive");
  const create = take("bind-create-src");
  const recursive = take("bind-recursive");
  const found: NonNullable<MountRequest["BindOptions"]> = {
    ...one("Propagation", propagation),
    ...nonRecursive !== undefined && { NonRecursive: bool("bind-nonrecursive", nonRecursive) },
    ...create !== undefined && { CreateMountpoint: bool("bind-create-src", create) },
    ...recursive !== undefined && recursiveOptions(recursive),
  };
  return Object.keys(found).length === 0 ? {} : { BindOptions: found };
}

function recursiveOptions(mode: string): NonNullable<MountRequest["BindOptions"]> {
  if (mode === "enabled") return {};
  if (mode === "disabled") return { NonRecursive: true };
  if (mode === "writable") return { ReadOnlyNonRecursive: true };
  if (mode === "readonly") return { ReadOnlyForceRecursive: true };
  throw invalid(
    `invalid value for bind-recursive: ${mode} (must be "enabled", "disabled", "writable", or "readonly")`,
  );
}

function volumeOptions(type: string, options: Options): Partial<MountRequest> {
  const keys = ["volume-nocopy", "volume-driver", "volume-label", "volume-opt", "volume-subpath"];
  if (type !== "volume") return refuse("volume", type, options, keys);
  const take = taker(options);
  const noCopy = take("volume-nocopy");
  const labels = options["volume-label"];
  const driver = take("volume-driver");
  const driverOptions = options["volume-opt"];
  delete options["volume-label"];
  delete options["volume-opt"];
  const config = {
    ...one("Name", driver),
    ...driverOptions !== undefined && { Options: keyValues(driverOptions) },
  };
  const found: NonNullable<MountRequest["VolumeOptions"]> = {
    ...noCopy !== undefined && { NoCopy: bool("volume-nocopy", noCopy) },
    ...labels !== undefined && { Labels: keyValues(labels) },
    ...one("Subpath", take("volume-subpath")),
    ...Object.keys(config).length > 0 && { DriverConfig: config },
  };
  return Object.keys(found).length === 0 ? {} : { VolumeOptions: found };
}

function tmpfsOptions(type: string, options: Options): Partial<MountRequest> {
  if (type !== "tmpfs") return refuse("tmpfs", type, options, ["tmpfs-size", "tmpfs-mode"]);
  const take = taker(options);
  const size = take("tmpfs-size");
  const mode = take("tmpfs-mode");
  if (mode !== undefined && !/^[0-7]+$/.test(mode)) throw invalid(`invalid value for tmpfs-mode: ${mode}`);
  const found: NonNullable<MountRequest["TmpfsOptions"]> = {
    ...size !== undefined && { SizeBytes: bytes("tmpfs-size", size) },
    ...mode !== undefined && { Mode: parseInt(mode, 8) },
  };
  return Object.keys(found).length === 0 ? {} : { TmpfsOptions: found };
}

function imageOptions(type: string, options: Options): Partial<MountRequest> {
  if (type !== "image") return refuse("image", type, options, ["image-subpath"]);
  const subpath = taker(options)("image-subpath");
  return subpath === undefined ? {} : { ImageOptions: { Subpath: subpath } };
}

/** Options of one type of mount do not go with another. */
function refuse(kind: string, type: string, options: Options, keys: readonly string[]): Record<string, never> {
  if (keys.every((key) => options[key] === undefined)) return {};
  throw invalid(`cannot mix '${kind}-*' options with mount type '${type}'`);
}

/** Takes the value of the first of some keys out of the options, the last given. */
function taker(options: Options): (...keys: string[]) => string | undefined {
  return (...keys) => {
    let value: string | undefined;
    for (const key of keys) {
      value ??= options[key]?.at(-1);
      delete options[key];
    }
    return value;
  };
}

function one<K extends string>(key: K, value: string | undefined): { [name in K]?: string } {
  return value === undefined ? {} : { [key]: value } as { [name in K]: string };
}

function bool(key: string, text: string): boolean {
  try {
    return parseBool(text);
  } catch (_) {
    throw invalid(`invalid value for ${key}: ${text}`);
  }
}

function bytes(key: string, text: string): number {
  try {
    return parseBinarySize(text);
  } catch (error) {
    throw invalid(`invalid value for ${key}: ${text}: ${describeError(error)}`);
  }
}
