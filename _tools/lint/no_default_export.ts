import { projectPath } from "./project_path.ts";

/** Style rule 22: named exports, so that a thing has one name everywhere. Deno wants a plugin's export to be default. */
export const noDefaultExport: Deno.lint.Rule = {
  create(context) {
    if (projectPath(context.filename) === "_tools/lint/plugin.ts") return {};
    const report = (node: Deno.lint.Node) =>
      context.report({ node, message: "default export", hint: "export it by name" });
    return {
      ExportDefaultDeclaration: report,
      'ExportSpecifier[exported.name="default"]': report,
    };
  },
};
