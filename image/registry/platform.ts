import { invalid } from "../../base/errors.ts";
import { ARCHITECTURE } from "../host_image.ts";

/** What an image is for. */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string | undefined;
}

/** Other words for the same, as containerd's platforms package has them. */
const ARCHITECTURES: Readonly<Record<string, readonly [architecture: string, variant?: string]>> = {
  x86_64: ["amd64"],
  "x86-64": ["amd64"],
  aarch64: ["arm64"],
  armhf: ["arm", "v7"],
  armel: ["arm", "v6"],
  i386: ["386"],
  i686: ["386"],
};

/** `linux/arm64/v8`, `linux/amd64`, `arm64`; without text this machine's. @throws invalid */
export function parsePlatform(text: string | undefined): Platform {
  if (!text) return { os: "linux", architecture: ARCHITECTURE };
  const parts = text.toLowerCase().split("/");
  if (parts.length > 3 || parts.some((part) => !/^[a-z0-9_.-]+$/.test(part))) {
    throw invalid(`${JSON.stringify(text)} is an invalid OS/architecture: it must be os[/architecture[/variant]]`);
  }
  const [first = "", second, third] = parts;
  if (second !== undefined) return { os: first, ...named(second, third) };
  return first === "linux" ? { os: "linux", architecture: ARCHITECTURE } : { os: "linux", ...named(first) };
}

function named(word: string, given?: string): { architecture: string; variant?: string } {
  const [architecture, usual] = ARCHITECTURES[word] ?? [word];
  const variant = given ?? usual;
  return { architecture, ...variant !== undefined && { variant } };
}

export function platformText({ os, architecture, variant }: Platform): string {
  return variant ? `${os}/${architecture}/${variant}` : `${os}/${architecture}`;
}

/** How well an image for `offered` runs where `wanted` is asked for: the larger the better, 0 not at all. */
export function fitness(wanted: Platform, offered: Platform): number {
  if (wanted.os !== offered.os || wanted.architecture !== offered.architecture) return 0;
  const [want, offer] = [variantOf(wanted), variantOf(offered)];
  if (want === offer) return 100;
  // 32-bit Arm runs what was made for older ones.
  const [wantLevel, offerLevel] = [Number(want.slice(1)), Number(offer.slice(1))];
  return wanted.architecture === "arm" && offerLevel < wantLevel ? offerLevel : 0;
}

/** The variant that is meant where none is said. */
function variantOf({ architecture, variant }: Platform): string {
  if (variant) return variant;
  return architecture === "arm64" ? "v8" : architecture === "arm" ? "v7" : architecture === "amd64" ? "v1" : "";
}
