import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { parseTokens } from "../../apps/coordinator/src/tokens-file.js";
import { binary, noHelm, root } from "./helm-binary.mjs";
import { referenceProblems, secretNames } from "./helm-laws.mjs";
import { containersOf, podsOf, textsOf } from "./helm-objects.mjs";
import { parseObjects, refusal, render } from "./helm-render.mjs";

const page = readFileSync(join(root, "docs/kubernetes.md"), "utf8");
const blocks = (kind) =>
  [...page.matchAll(new RegExp(`<!-- test: ${kind} -->\\n\`\`\`\\w+\\n([^]*?)\`\`\``, "g"))].map(([, text]) => text);

describe.skipIf(noHelm !== undefined)(`docs/kubernetes.md${noHelm ? ` (skipped: ${noHelm})` : ""}`, () => {
  const examples = blocks("values").map((text, index) => ({ text, number: index + 1 }));

  it.each(examples)("shows values that the chart takes, example $number", async ({ text }) => {
    expect(await refusal(parse(text))).toBeUndefined();
  });

  it("has every alert, and no other", async () => {
    const { spec } = (await render("tls-mutual-monitoring")).find(({ kind }) => kind === "PrometheusRule");
    const alerts = spec.groups.flatMap(({ rules }) => rules.map(({ alert, labels }) => [alert, labels.severity]));
    const told = [...page.matchAll(/^\| `(Stride\w+)` +\| (\w+)/gm)].map(([, alert, severity]) => [alert, severity]);
    expect(told).toEqual(alerts);
  });

  it("makes with its commands every Secret and key that the defaults name, and shows no password to others", async () => {
    const folder = mkdtempSync(join(tmpdir(), "stride-secrets-"));
    try {
      const kubectl = await binary("kubectl");
      // The real one, which tells what it would make; and what others would see of its command line.
      const wrapper = `#!/bin/sh\necho "$*" >>"${folder}/calls"\nexec "${kubectl}" "$@" --dry-run=client --output=yaml --kubeconfig=/dev/null`;
      writeFileSync(join(folder, "kubectl"), wrapper, { mode: 0o755 });
      const [script] = blocks("secrets");
      const printed = execFileSync("sh", ["-c", `${script.replaceAll("\nEND\n", "\nEND\necho ---\n")}`], {
        cwd: folder,
        env: { PATH: `${folder}:${process.env.PATH}`, HOME: folder },
        encoding: "utf8",
      });
      const secrets = parseObjects(printed).map(({ metadata, data }) => ({ name: metadata.name, data }));
      const value = (name, key) =>
        Buffer.from(secrets.find((secret) => secret.name === name).data[key], "base64").toString();

      const objects = (await render("minimal")).map((object) =>
        JSON.parse(JSON.stringify(object).replaceAll("lab-stride", "stride")),
      );
      const made = new Set(secrets.map(({ name }) => name));
      expect(secretNames(objects).filter(({ name }) => !made.has(name))).toEqual([]);
      expect(referenceProblems(objects, made)).toEqual([]);
      const wanted = podsOf(objects).flatMap((pod) => [
        ...containersOf(pod).flatMap(({ env }) =>
          (env ?? []).flatMap(({ valueFrom }) => valueFrom?.secretKeyRef ?? []),
        ),
        ...(pod.spec.volumes ?? []).flatMap(({ secret }) =>
          (secret?.items ?? []).map(({ key }) => ({ name: secret.secretName, key })),
        ),
      ]);
      for (const { name, key } of wanted) expect(value(name, key), `${name} ${key}`).not.toBe("");

      const names = objects.filter(({ kind }) => kind === "Service").map(({ metadata }) => metadata.name);
      for (const key of ["url", "migration-url", "worker-url"])
        expect(names).toContain(new URL(value("stride-postgres", key)).hostname);
      expect(names).toContain(new URL(value("stride-redis", "url")).hostname);
      expect(new URL(value("stride-postgres", "url")).password).toBe(value("stride-postgres", "coordinator-password"));

      const calls = readFileSync(join(folder, "calls"), "utf8");
      const values = textsOf(secrets.map(({ data }) => data)).map(({ text }) => Buffer.from(text, "base64").toString());
      for (const secret of values) expect(calls).not.toContain(secret);
      const tokens = parseTokens(value("stride-tokens", "tokens.yaml"));
      expect(tokens.map(({ name, role }) => `${name} ${role}`)).toEqual([
        "admin admin",
        "workers work",
        "prometheus read",
      ]);
      const hash = (text) => createHash("sha256").update(text).digest("hex");
      expect(tokens[1].sha256).toBe(hash(value("stride-worker-token", "token")));
      expect(tokens[0].sha256).toBe(hash(readFileSync(join(folder, "admin.token"), "utf8")));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
