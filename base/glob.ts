/** Patterns as Go's path.Match has them: `*`, `?` and `[a-z]` stop at slashes, `\` takes a meaning away. */

/** What matches the whole of a name. @throws {SyntaxError} for a pattern that is none */
export function globExpression(pattern: string): RegExp {
  const source = pattern.replaceAll(/\[(\^?)([^\]]+)\]|\\(.)|[\s\S]/g, (all, not, set, escaped) => {
    if (set !== undefined) return `[${not}${set.replaceAll(/[\\[]/g, "\\$&")}]`;
    if (escaped !== undefined) return RegExp.escape(escaped);
    return all === "*" ? "[^/]*" : all === "?" ? "[^/]" : RegExp.escape(all);
  });
  return new RegExp(`^${source}$`);
}

/** Whether a text is more than a plain name. */
export function isGlob(text: string): boolean {
  return /[*?[\\]/.test(text);
}
