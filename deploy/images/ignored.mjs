/** What a builder leaves out of its context: the patterns of a .dockerignore, the last that fits decides. */

/** `*` and `?` stay within one name, `**` spans any number of folders. */
function expression(pattern) {
  const source = pattern
    .split("/")
    .map((part) => {
      if (part === "**") return "**";
      return part
        .replace(/[.+^${}()|\\]/g, "\\$&")
        .replace(/\*/g, "[^/]*")
        .replace(/\?/g, "[^/]");
    })
    .join("/")
    .replace(/^\*\*\//, "(?:.*/)?")
    .replace(/\/\*\*$/, "/.*")
    .replace(/\/\*\*\//g, "/(?:.*/)?");
  return new RegExp(`^${source}$`);
}

/** From the text of a .dockerignore, whether a path from the context's root is left out. A pattern that fits a folder fits all in it. */
export function ignoredBy(text) {
  const rules = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => ({
      kept: line.startsWith("!"),
      fits: expression(line.replace(/^!/, "").replace(/^\/+|\/+$/g, "")),
    }));
  return (path) => {
    const names = path.split("/");
    const prefixes = names.map((_, index) => names.slice(0, index + 1).join("/"));
    return rules.reduce(
      (ignored, { kept, fits }) => (prefixes.some((prefix) => fits.test(prefix)) ? !kept : ignored),
      false,
    );
  };
}
