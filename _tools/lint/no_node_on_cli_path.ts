import { isIn, isTest, projectPath } from "./project_path.ts";

const cliPath = ["cli/", "api/client/", "api/client.ts", "base/", "main.ts"];

/** Design section 2: a `node:` module costs 5-30 ms at start, and a command is to start in 25. */
export const noNodeOnCliPath: Deno.lint.Rule = {
  create(context) {
    const path = projectPath(context.filename);
    if (isTest(path) || !isIn(path, cliPath)) return {};
    const check = (node: Deno.lint.Node, source: Deno.lint.Node | null) => {
      if (source?.type !== "Literal" || !String(source.value).startsWith("node:")) return;
      context.report({
        node,
        message: `${source.value} on the path of every command`,
        hint: "use what Deno or the web platform has built in, or move the work to the engine",
      });
    };
    return {
      ImportDeclaration(node) {
        if (node.importKind !== "type") check(node, node.source);
      },
      ImportExpression: (node) => check(node, node.source),
      ExportAllDeclaration: (node) => check(node, node.source),
      ExportNamedDeclaration: (node) => check(node, node.source),
    };
  },
};
