import { projectPath } from "./project_path.ts";

/** Style rule 1: what talks to libc or handles raw addresses lives in `sys/`, so that one folder can be audited. */
export const fence: Deno.lint.Rule = {
  create(context) {
    if (projectPath(context.filename).startsWith("sys/")) return {};
    return {
      'MemberExpression[object.name="Deno"]'(node: Deno.lint.MemberExpression) {
        const name = node.property.type === "Identifier" && !node.computed
          ? node.property.name
          : node.property.type === "Literal"
          ? String(node.property.value)
          : "";
        if (name !== "dlopen" && !/^Unsafe(Pointer|Callback|FnPointer)/.test(name)) return;
        context.report({
          node,
          message: `Deno.${name} outside of sys/`,
          hint: "put a wrapper of that one system call into sys/ and call it with numbers, strings and Fd",
        });
      },
    };
  },
};
