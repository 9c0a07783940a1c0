/** Builds and runs images with a container engine, Docker or Podman, as deployments do: read-only, without capabilities, on this machine's network. */
import { spawn } from "node:child_process";
import { ended } from "./jail.mjs";

/** `options` are more words for every `run`. */
export function createEngine({ engine, options, context }) {
  const nameOf = (target) => `stride-${target}:tried`;
  // Podman's own format has no health checks.
  const format = engine.endsWith("podman") ? ["--format=docker"] : [];
  let started = 0;
  return {
    async build(targets) {
      for (const target of targets) {
        const file = ["--file=deploy/images/Dockerfile", `--target=${target}`, `--tag=${nameOf(target)}`];
        const code = await ended(spawn(engine, ["build", ...format, ...file, "."], { cwd: context, stdio: "inherit" }));
        if (code !== 0) throw new Error(`${target} was not built: ${engine} ended with ${code}`);
      }
      return new Map(targets.map((target) => [target, nameOf(target)]));
    },
    start(image, [program, ...words], environment, { stdio = "inherit" } = {}) {
      started += 1;
      const name = `stride-tried-${process.pid}-${started}`;
      const hardened = ["--read-only", "--tmpfs=/tmp", "--cap-drop=ALL", "--security-opt=no-new-privileges"];
      // Names alone: values travel in the environment, not on the command line.
      const variables = Object.keys(environment).map((variable) => `--env=${variable}`);
      const where = ["--rm", `--name=${name}`, "--network=host", `--entrypoint=${program}`];
      const child = spawn(engine, ["run", ...where, ...hardened, ...options, ...variables, image, ...words], {
        env: { ...process.env, ...environment },
        stdio,
      });
      return Object.assign(child, { containerName: name });
    },
    async terminate({ containerName }) {
      await ended(spawn(engine, ["kill", "--signal=TERM", containerName], { stdio: "ignore" }));
    },
  };
}
