import { errorsHaveAClass } from "./errors_have_a_class.ts";
import { fence } from "./fence.ts";
import { noDefaultExport } from "./no_default_export.ts";
import { noGrabBagNames } from "./no_grab_bag_names.ts";
import { noNodeOnCliPath } from "./no_node_on_cli_path.ts";

/** The rules of style that a machine can hold; what they are for stands in each rule's file. */
const plugin: Deno.lint.Plugin = {
  name: "sauropod",
  rules: {
    "fence": fence,
    "errors-have-a-class": errorsHaveAClass,
    "no-default-export": noDefaultExport,
    "no-grab-bag-names": noGrabBagNames,
    "no-node-on-cli-path": noNodeOnCliPath,
  },
};
export default plugin;
