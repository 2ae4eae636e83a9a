import { isIn, isTest, projectPath } from "./project_path.ts";

const classed = [
  "base/",
  "sys/",
  "runtime/",
  "fs/",
  "net/",
  "cgroup/",
  "image/",
  "engine/",
  "api/",
  "cli/",
];

/** Style rule 5: HTTP status and exit code are derived from the class that an error has from birth. */
export const errorsHaveAClass: Deno.lint.Rule = {
  create(context) {
    const path = projectPath(context.filename);
    if (isTest(path) || !isIn(path, classed)) return {};
    const hint = "throw notFound(), conflict(), invalid() … of base/errors.ts, or a SyscallError";
    return {
      ThrowStatement(node) {
        const thrown = node.argument;
        if (thrown.type === "TemplateLiteral" || (thrown.type === "Literal" && typeof thrown.value === "string")) {
          context.report({ node, message: "a string is thrown: it has neither class nor stack", hint });
          return;
        }
        const called = thrown.type === "NewExpression" || thrown.type === "CallExpression" ? thrown.callee : undefined;
        if (called?.type === "Identifier" && called.name === "Error") {
          context.report({ node, message: "an Error without a class is thrown", hint });
        }
      },
    };
  },
};
