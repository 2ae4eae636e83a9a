import { invalid } from "../../base/errors.ts";

/** @throws `invalid` with Docker's sentences for what is no name of a volume */
export function checkVolumeName(name: string): void {
  if (name.length === 1) {
    throw invalid("volume name is too short, names should be at least two alphanumeric characters");
  }
  if (name.length > 255 || !/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(name)) {
    throw invalid(
      `create ${name}: ${JSON.stringify(name)} includes invalid characters for a local volume name, only ` +
        `"[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path`,
    );
  }
}
