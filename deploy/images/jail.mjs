/**
 * Runs a command with a folder as the root of its file system: this machine's programs and libraries are bound into it read-only, in
 * namespaces of its own (mounts, processes), with this machine's network. Needs root, `unshare`, `chroot` and `setpriv` (util-linux).
 */
import { spawn } from "node:child_process";
import { existsSync, lstatSync, mkdirSync, readlinkSync, symlinkSync } from "node:fs";
import { join } from "node:path";

/** What stands in for the base image. */
const system = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/etc"];

const quoted = (word) => `'${word.replaceAll("'", "'\\''")}'`;

const isLink = (path) => lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;

function prepare(root) {
  const bound = [];
  for (const path of system.filter((path) => existsSync(path))) {
    const at = join(root, path);
    if (isLink(path)) {
      if (!isLink(at)) symlinkSync(readlinkSync(path), at);
    } else {
      mkdirSync(at, { recursive: true });
      bound.push(path);
    }
  }
  for (const path of ["/proc", "/dev", "/tmp"]) mkdirSync(join(root, path), { recursive: true });
  return bound;
}

/**
 * Starts `command` (an array) in `root`. `user` (uid and gid) takes all capabilities away; `readOnly` leaves an empty /tmp alone writable;
 * `mounts` binds folders of this machine (`{ from, to }`).
 */
export function spawnIn(
  root,
  command,
  { cwd = "/", environment, user, readOnly = false, mounts = [], stdio = "inherit" },
) {
  const lines = ["set -e", `mount --bind ${quoted(root)} ${quoted(root)}`];
  for (const path of prepare(root)) lines.push(`mount --bind -o ro ${path} ${quoted(join(root, path))}`);
  for (const { from, to } of mounts) {
    mkdirSync(join(root, to), { recursive: true });
    lines.push(`mount --bind ${quoted(from)} ${quoted(join(root, to))}`);
  }
  if (readOnly)
    lines.push(`mount -o remount,bind,ro ${quoted(root)}`, `mount -t tmpfs tmpfs ${quoted(join(root, "tmp"))}`);
  lines.push(`mount --rbind /dev ${quoted(join(root, "dev"))}`, `mount -t proc proc ${quoted(join(root, "proc"))}`);
  const asUser =
    user === undefined
      ? []
      : [
          "/usr/bin/setpriv",
          `--reuid=${user}`,
          `--regid=${user}`,
          "--clear-groups",
          "--no-new-privs",
          "--inh-caps=-all",
          "--bounding-set=-all",
        ];
  const words = [...asUser, ...command].map(quoted).join(" ");
  // `exec`, so that the command is process 1 in there, as in a container.
  lines.push(`exec /usr/sbin/chroot ${quoted(root)} /bin/sh -c ${quoted(`cd ${quoted(cwd)} && exec ${words}`)}`);
  const flags = ["--mount", "--pid", "--fork", "--kill-child"];
  return spawn("unshare", [...flags, "/bin/sh", "-c", lines.join("\n")], { env: environment, stdio });
}

/** Resolves to the exit code. */
export function ended(child) {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(code ?? signal));
  });
}
