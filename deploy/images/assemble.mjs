/**
 * Copies what an application needs at run time, laid out like the repository, into a new folder:
 *   node deploy/images/assemble.mjs coordinator|worker FOLDER [PACKAGE…]
 * The repository must be installed and built. PACKAGE is one that is imported by a computed name.
 */
import { cpSync, existsSync, mkdirSync, symlinkSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { images, neededBy } from "./needed.mjs";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

/** Copied as they are: for people, and the sweeps that `stride submit` can name. */
const extras = { coordinator: ["LICENSE", "sweeps"], worker: ["LICENSE"] };

/** What people type in a container: name → script. */
const commands = { coordinator: { stride: "apps/coordinator/bin/stride.mjs" }, worker: {} };

/** Source maps, typings and binaries of other platforms are never read at run time. */
function isWanted(path) {
  if (/\.(?:map|d\.[cm]?ts)$/.test(path)) return false;
  const binary = /\/onnxruntime-node\/bin\/[^/]+\/([^/]+)(?:\/([^/]+))?/.exec(path);
  if (binary === null) return true;
  const [, platform, architecture = process.arch] = binary;
  return platform === process.platform && architecture === process.arch;
}

function assemble(name, folder, extra) {
  const { files, packages, links } = neededBy({ root, ...images[name], extra });
  const copy = (path, filter = () => true) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    cpSync(join(root, path), join(folder, path), { recursive: true, filter });
  };
  for (const path of [...files, ...extras[name]]) copy(path);
  // A package's own node_modules holds what others hoisted differently: these are listed themselves when needed.
  for (const path of packages) {
    const inner = join(root, path, "node_modules") + sep;
    copy(path, (source) => isWanted(source) && !`${source}${sep}`.startsWith(inner));
  }
  const link = (at, target) => {
    mkdirSync(dirname(join(folder, at)), { recursive: true });
    symlinkSync(relative(dirname(at), target), join(folder, at));
  };
  for (const [ours, target] of links) link(join("node_modules", ours), target);
  for (const [command, script] of Object.entries(commands[name])) link(join("bin", command), script);
  console.log(`${name}: ${files.size} files of ${links.size} Stride packages, ${packages.size} packages of others`);
}

const [name, folder, ...extra] = process.argv.slice(2);
if (!(name in images) || folder === undefined || existsSync(folder)) {
  console.error(`usage: node deploy/images/assemble.mjs ${Object.keys(images).join("|")} NEW_FOLDER [PACKAGE…]`);
  process.exit(2);
}
assemble(name, resolve(folder), extra);
