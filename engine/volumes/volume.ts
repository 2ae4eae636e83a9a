import { Serial } from "../serial.ts";
import type { VolumeRecord } from "../volume_record.ts";

/** One volume: its record, and what only this engine process knows of it. */
export class Volume {
  record: VolumeRecord;
  /** Filling, copying and renaming happen one after the other. */
  readonly serial: Serial = new Serial();
  /** How many calls are under way that need it, and are no container yet. */
  pins = 0;
  /** Being mounted, if it has options; whoever needs it meanwhile waits for the same. */
  mounting: Promise<void> | undefined;
  /** Whether it is in the database; until then the folder of one that is being made is nobody's after a crash. */
  stored: boolean;

  constructor(record: VolumeRecord, stored: boolean) {
    this.record = record;
    this.stored = stored;
  }

  get name(): string {
    return this.record.name;
  }

  /** Whether it is a folder of the engine's own, and no mount of something else. */
  get plain(): boolean {
    return Object.keys(this.record.options).length === 0;
  }
}
