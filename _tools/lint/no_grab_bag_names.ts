import { projectPath } from "./project_path.ts";

const grabBag = /^(utils?|utilities|helpers?|common|misc)$/;

/** Style rule 13: a file is one verb or one type, and its name says which. */
export const noGrabBagNames: Deno.lint.Rule = {
  create(context) {
    const bag = projectPath(context.filename).split("/").find((part) =>
      grabBag.test(part.replace(/(_test)?\.\w+$/, ""))
    );
    if (bag === undefined) return {};
    return {
      Program(node) {
        context.report({
          node,
          message: `the name ${bag} does not say what is in it`,
          hint: "one verb or type per file",
        });
      },
    };
  },
};
