/** What a registry wants to see, as its `WWW-Authenticate` says (RFC 9110, section 11.6.1). */
export interface Challenge {
  /** In lower case: `bearer`, `basic`. */
  readonly scheme: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** The challenges of a header; several may stand in one. What is malformed ends the list. */
export function parseChallenges(header: string): Challenge[] {
  const challenges: { scheme: string; parameters: Record<string, string> }[] = [];
  const part = /\s*,?\s*([A-Za-z0-9!#$%&'*+.^_`|~-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*)))?/y;
  for (let match = part.exec(header); match !== null; match = part.exec(header)) {
    const [whole, word = "", quoted, bare] = match;
    if (whole === "") break;
    const value = quoted === undefined ? bare : quoted.replace(/\\(.)/g, "$1");
    const last = challenges.at(-1);
    if (value === undefined) challenges.push({ scheme: word.toLowerCase(), parameters: {} });
    else if (last !== undefined) last.parameters[word.toLowerCase()] = value;
  }
  return challenges;
}
