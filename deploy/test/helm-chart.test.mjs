import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { chart, noHelm, run } from "./helm-binary.mjs";
import { unknownFields } from "./helm-known-fields.mjs";
import { chartLaws, referenceProblems, secretNames } from "./helm-laws.mjs";
import { podsOf, textsOf } from "./helm-objects.mjs";
import { fullname, namespace, release, render, valuesFile, valuesFiles } from "./helm-render.mjs";
import { customFieldProblems, schemaProblems } from "./helm-schemas.mjs";

const read = (file) => readFileSync(join(chart, file), "utf8");

describe.skipIf(noHelm !== undefined)(`the chart${noHelm ? ` (skipped: ${noHelm})` : ""}`, () => {
  describe.each(valuesFiles)("with ci/%s.yaml", (name) => {
    it("passes helm lint --strict", async () => {
      const { code, stdout, stderr } = await run("helm", ["lint", "--strict", chart, "--values", valuesFile(name)]);
      expect(stdout + stderr).toContain("0 chart(s) failed");
      expect(code).toBe(0);
    });

    it("renders what the schemas of Kubernetes, KEDA and the Prometheus operator take", async () => {
      expect((await render(name)).flatMap(schemaProblems)).toEqual([]);
    });

    it("renders no field that they do not know", async () => {
      const objects = await render(name);
      expect(objects.flatMap((object) => unknownFields(object) ?? [])).toEqual([]);
      expect(await customFieldProblems(objects)).toEqual([]);
    });

    it.each(chartLaws)("keeps the law of $name", async ({ problems }) => {
      expect(problems(await render(name))).toEqual([]);
    });

    it("names no Secret, claim or other object that neither it nor the values have", async () => {
      const given = [...textsOf(parse(read("values.yaml"))), ...textsOf(parse(read(`ci/${name}.yaml`)))].map(
        ({ text }) => text,
      );
      // Where the values say nothing, of the bundled services.
      const prefix = name === "cert-manager" ? "laboratory" : fullname;
      const defaults = [`${prefix}-postgres`, `${prefix}-redis`];
      expect(referenceProblems(await render(name), new Set([...given, ...defaults]))).toEqual([]);
    });

    it("lists every Secret that somebody must make in its notes", async () => {
      const args = [
        "install",
        release,
        chart,
        "--namespace",
        namespace,
        "--dry-run=client",
        "--values",
        valuesFile(name),
      ];
      const { stdout } = await run("helm", args);
      const notes = stdout.slice(stdout.indexOf("NOTES:"));
      const objects = await render(name);
      const issued = objects.filter(({ kind }) => kind === "Certificate").map(({ spec }) => spec.secretName);
      const pulled = podsOf(objects).flatMap(({ spec }) => (spec.imagePullSecrets ?? []).map((secret) => secret.name));
      const trusted = ["laboratory-authority"];
      const named = [...new Set(secretNames(objects).map((secret) => secret.name))];
      const toMake = named.filter((secret) => ![...issued, ...pulled, ...trusted].includes(secret));
      expect(toMake.length).toBeGreaterThan(2);
      for (const secret of toMake) expect(notes).toContain(secret);
    });
  });

  it("gives a pool everything that it leaves to workerDefaults, and zeros and empty lists that it does not", async () => {
    const objects = await render("no-autoscaling");
    const large = objects.find(
      ({ kind, metadata }) => kind === "Deployment" && metadata.name === `${fullname}-worker-large`,
    );
    expect(large.spec.replicas).toBe(0);
    expect(large.spec.template.spec.terminationGracePeriodSeconds).toBe(86_430);
    expect(objects.some(({ metadata }) => metadata.name === `${fullname}-worker-cpu`)).toBe(false);
    const scaled = await render("external-keda-gpu");
    const gpu = scaled.find(
      ({ kind, metadata }) => kind === "Deployment" && metadata.name === `${fullname}-worker-gpu`,
    );
    expect(gpu.spec.template.spec.topologySpreadConstraints).toBeUndefined();
    expect(gpu.spec.replicas).toBeUndefined();
    expect(gpu.spec.template.spec.containers[0].resources.limits).toEqual({ memory: "2Gi", "nvidia.com/gpu": 1 });
    expect(gpu.spec.template.spec.tolerations).toContainEqual({
      key: "nvidia.com/gpu",
      operator: "Exists",
      effect: "NoSchedule",
    });
    const minima = scaled.filter(({ kind }) => kind === "ScaledObject").map(({ spec }) => spec.minReplicaCount);
    expect(minima).toEqual([0, 0]);
    const free = (await render("hpa"))
      .filter(({ kind }) => kind === "PodDisruptionBudget")
      .map(({ metadata }) => metadata.name);
    expect(free).toEqual([`${fullname}-worker-cpu`]);
  });

  it.each(valuesFiles)("has one coordinator and never two at a time with ci/%s.yaml", async (name) => {
    const [coordinator, ...more] = (await render(name)).filter(
      ({ kind, metadata }) => kind === "Deployment" && metadata.labels["app.kubernetes.io/component"] === "coordinator",
    );
    expect(more).toEqual([]);
    expect(coordinator.spec.replicas).toBe(1);
    expect(coordinator.spec.strategy).toEqual({ type: "Recreate" });
  });

  it.each([
    { name: "minimal", init: true, job: false, migrates: "0" },
    { name: "bundled-keda", init: true, job: false, migrates: "0" },
    { name: "external-keda-gpu", init: false, job: true, migrates: "0" },
    { name: "queue-on-postgres", init: false, job: true, migrates: "0" },
    { name: "cert-manager", init: false, job: false, migrates: "1" },
  ])(
    "migrates once with ci/$name.yaml: init container $init, job $job, coordinator $migrates",
    async ({ name, init, job, migrates }) => {
      const objects = await render(name);
      const jobs = objects.filter(({ kind }) => kind === "Job");
      expect(jobs.length).toBe(job ? 1 : 0);
      for (const { metadata } of jobs) expect(metadata.annotations["helm.sh/hook"]).toBe("pre-install,pre-upgrade");
      const coordinator = podsOf(objects).find(({ of }) => of.endsWith("-coordinator"));
      const names = (coordinator.spec.initContainers ?? []).map((container) => container.name);
      expect(names).toEqual(init ? ["wait-for-postgres", "migration"] : []);
      const { value } = coordinator.spec.containers[0].env.find((variable) => variable.name === "STRIDE_MIGRATE");
      expect(value).toBe(migrates);
    },
  );

  it("runs a hook with nothing that is made after it", async () => {
    for (const name of valuesFiles) {
      const objects = await render(name);
      const hooks = objects.filter(({ metadata }) => metadata.annotations?.["helm.sh/hook"]);
      for (const { of, spec } of podsOf(hooks)) {
        const accounts = hooks.filter(({ kind }) => kind === "ServiceAccount").map(({ metadata }) => metadata.name);
        expect([of, accounts]).toEqual([of, [spec.serviceAccountName]]);
        expect(
          (spec.volumes ?? []).filter(({ configMap, persistentVolumeClaim }) => configMap ?? persistentVolumeClaim),
        ).toEqual([]);
      }
    }
  });
});
