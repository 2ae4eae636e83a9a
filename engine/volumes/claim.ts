import { conflict } from "../../base/errors.ts";
import { Merged } from "../../fs/merged.ts";
import type { StoredImage } from "../../image/store.ts";
import { randomId } from "../../base/names.ts";
import type { MountPlan } from "../mount_plan.ts";
import type { Parts } from "../parts.ts";
import { ANONYMOUS_LABEL, makeVolume, unmakeVolume } from "./create.ts";
import { fillVolume, finishFill } from "./fill.ts";
import { usersOf } from "./users.ts";
import type { Volume } from "./volume.ts";
import { publishVolumeEvent } from "./volume_event.ts";

/**
 * The volumes of a container that is being created: those that are missing are made, those that are empty are filled with
 * what its image has there. Nobody can remove them meanwhile. They come to stay with the row of the container, in one
 * transaction; what is let go of without that is gone.
 */
export class VolumeClaim implements Disposable {
  readonly #parts: Parts;
  readonly #volumes = new Set<Volume>();
  #added: readonly Volume[] = [];
  #plans: readonly MountPlan[] = [];

  private constructor(parts: Parts) {
    this.#parts = parts;
  }

  static async of(parts: Parts, plans: readonly MountPlan[], image: StoredImage): Promise<VolumeClaim> {
    const claim = new VolumeClaim(parts);
    try {
      // All of them first, without waiting in between: what is being removed must not take one of them along.
      claim.#plans = plans.map((plan) => plan.kind === "volume" ? claim.#claim(plan) : plan);
      for (const plan of claim.#plans) {
        if (plan.kind === "volume" && plan.copy && plan.subpath === undefined) await claim.#fill(plan, image);
      }
      // One that another call is filling, or could not, is whole before anybody gets it.
      for (const volume of claim.#volumes) {
        if (!volume.stored || volume.record.filling) await volume.serial.run(() => finishFill(parts, volume));
      }
    } catch (error) {
      claim[Symbol.dispose]();
      throw error;
    }
    return claim;
  }

  /** The mounts, with the names of the volumes that were made for this container. */
  get plans(): readonly MountPlan[] {
    return this.#plans;
  }

  /** Puts them on record together with what `change` writes. */
  store(change: () => void): void {
    this.#added = this.#parts.volumes.store(this.#volumes, change);
    for (const { name } of this.#added) publishVolumeEvent(this.#parts, name, "create");
  }

  /** Takes back what {@link store} has put there, as far as nobody else has it. */
  takeBack(): void {
    for (const volume of this.#added) {
      if (volume.pins > 1 || usersOf(this.#parts, volume).length > 0) continue;
      unmakeVolume(this.#parts, volume);
      this.#volumes.delete(volume);
    }
  }

  [Symbol.dispose](): void {
    for (const volume of this.#volumes) {
      volume.pins--;
      if (!volume.stored && volume.pins === 0) unmakeVolume(this.#parts, volume);
    }
    this.#volumes.clear();
  }

  #claim(plan: MountPlan & { kind: "volume" }): MountPlan {
    const { labels = {}, options = {}, ...kept } = plan;
    const name = plan.name || randomId();
    const { volumes } = this.#parts;
    const volume = volumes.find(name) ?? makeVolume(this.#parts, {
      name,
      labels: { ...plan.name === "" && { [ANONYMOUS_LABEL]: "" }, ...labels },
      options,
      anonymous: plan.name === "",
    });
    if (!this.#volumes.has(volume)) volume.pins++;
    this.#volumes.add(volume);
    return { ...kept, name };
  }

  async #fill({ name, target }: MountPlan & { kind: "volume" }, image: StoredImage): Promise<void> {
    const { settings, volumes } = this.#parts;
    const folders = image.host ? [...image.layers, "/"] : image.layers;
    const merged = new Merged(`${settings.root}/layers`, folders);
    const kind = merged.lookup(target);
    if (kind !== undefined && kind !== "directory") {
      throw conflict(`cannot mount volume over existing file, file exists ${target}`);
    }
    using source = kind === undefined ? undefined : merged.folder(target);
    if (source !== undefined) await fillVolume(this.#parts, volumes.get(name), source, image);
  }
}
