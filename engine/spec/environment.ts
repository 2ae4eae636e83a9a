/** Docker's PATH of a container whose image has none. */
const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** What the variables depend on beside the configuration. */
export interface EnvironmentOf {
  /** `NAME=value` overrides, a bare `NAME` takes the variable away. */
  readonly env: readonly string[];
  readonly hostname: string;
  readonly home: string;
  readonly terminal: boolean;
}

/** The environment of a container's first process: Docker's basics, then what image and request say. */
export function environment({ env, hostname, home, terminal }: EnvironmentOf): string[] {
  const basics = [`PATH=${DEFAULT_PATH}`, `HOSTNAME=${hostname}`, ...terminal ? ["TERM=xterm"] : []];
  return overlay([...basics, ...env], home);
}

/** The environment of an exec: that of the container, then the request's own. */
export function execEnvironment(container: readonly string[], own: readonly string[], home: string): string[] {
  return overlay([...container.filter((variable) => !variable.startsWith("HOME=")), ...own], home);
}

function overlay(variables: readonly string[], home: string): string[] {
  const values = new Map<string, string>();
  for (const variable of variables) {
    const equals = variable.indexOf("=");
    if (equals > 0) values.set(variable.slice(0, equals), variable.slice(equals + 1));
    else values.delete(variable);
  }
  if (!values.get("HOME")) values.set("HOME", home);
  return Array.from(values, ([name, value]) => `${name}=${value}`);
}
