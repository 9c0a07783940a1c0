import { describe, expect, it } from "vitest";
import { noHelm } from "./helm-binary.mjs";
import { allows } from "./helm-network.mjs";
import { podsOf } from "./helm-objects.mjs";
import { namespace, render } from "./helm-render.mjs";

/** Everybody who might call somebody, besides the release's own pods. */
const others = [
  { name: "dns", namespace: "kube-system", labels: { "k8s-app": "kube-dns" } },
  { name: "node dns", ip: "169.254.20.10" },
  { name: "system pod", namespace: "kube-system", labels: { "k8s-app": "metrics-server" } },
  { name: "prometheus", namespace: "monitoring", labels: { app: "prometheus" } },
  { name: "keda", namespace: "keda", labels: { app: "keda-operator" } },
  { name: "keda metrics", namespace: "keda", labels: { app: "keda-metrics-apiserver" } },
  { name: "stranger", namespace, labels: { app: "stranger" } },
  { name: "other release", namespace, labels: { ...label("worker"), "app.kubernetes.io/instance": "other" } },
  { name: "notebook", namespace: "notebooks", labels: { app: "jupyter" } },
  { name: "office", ip: "192.0.2.10" },
  { name: "database", ip: "10.20.0.5" },
  { name: "cache", ip: "10.30.0.7" },
  { name: "internet", ip: "203.0.113.9" },
];
const ports = [50051, 50052, 9464, 5432, 6432, 6379, 6380, 4318, 443];

function label(component) {
  return {
    "app.kubernetes.io/name": "stride",
    "app.kubernetes.io/instance": "lab",
    "app.kubernetes.io/component": component,
  };
}

/**
 * Every connection between two actors, of which one is the release's, that its policies allow; as "from → to:port".
 * DNS is asked on both protocols.
 * @param {string} name
 */
async function allowed(name) {
  const objects = await render(name);
  const policies = objects.filter(({ kind }) => kind === "NetworkPolicy");
  const own = podsOf(objects).map(({ of, labels }) => ({
    name: of.replace(/^.*?\/lab-stride-/, ""),
    namespace,
    labels,
  }));
  const actors = [...own, ...others];
  const found = [];
  for (const from of actors) {
    for (const to of actors) {
      if (from === to || (!own.includes(from) && !own.includes(to))) continue;
      for (const port of ports) {
        if (allows(policies, { from, to, port, namespace })) found.push(`${from.name} → ${to.name}:${port}`);
      }
      const dns = ["UDP", "TCP"].filter((protocol) => allows(policies, { from, to, port: 53, protocol, namespace }));
      if (dns.length > 0) found.push(`${from.name} → ${to.name}:53 ${dns.join("+")}`);
    }
  }
  return found.sort();
}

const asksDns = (...names) => names.map((name) => `${name} → dns:53 UDP+TCP`);

/** Who reaches whom: all that is not here is denied. */
const table = {
  minimal: [
    ...asksDns("coordinator", "worker-cpu"),
    "coordinator → postgres:5432",
    "coordinator → redis:6379",
    "worker-cpu → coordinator:50051",
    "worker-cpu → redis:6379",
    "prometheus → coordinator:9464",
  ],
  "bundled-keda": [
    ...asksDns("coordinator", "worker-cpu"),
    "coordinator → postgres:5432",
    "coordinator → redis:6379",
    "worker-cpu → coordinator:50051",
    "worker-cpu → redis:6379",
    "prometheus → coordinator:9464",
    "keda → postgres:5432",
  ],
  "external-keda-gpu": [
    ...["coordinator", "worker-cpu", "worker-gpu", "migration"].flatMap((name) => [
      ...asksDns(name),
      `${name} → node dns:53 UDP+TCP`,
    ]),
    "coordinator → database:5432",
    "coordinator → cache:6380",
    "migration → database:5432",
    "worker-cpu → coordinator:50051",
    "worker-gpu → coordinator:50051",
    "worker-cpu → cache:6380",
    "worker-gpu → cache:6380",
    "notebook → coordinator:50051",
    "prometheus → coordinator:9464",
  ],
  "tls-mutual-monitoring": [
    ...asksDns("coordinator", "worker-cpu", "backup"),
    "coordinator → postgres:5432",
    "coordinator → redis:6379",
    "coordinator → prometheus:4318",
    "backup → postgres:5432",
    "worker-cpu → coordinator:50051",
    "worker-cpu → redis:6379",
    "worker-cpu → prometheus:4318",
    "office → coordinator:50051",
    "prometheus → coordinator:9464",
  ],
  "queue-on-postgres": [
    ...asksDns("coordinator", "worker-cpu", "migration", "backup"),
    "coordinator → database:6432",
    "migration → database:6432",
    "backup → database:6432",
    "worker-cpu → database:6432",
    "worker-cpu → coordinator:50051",
    "prometheus → coordinator:9464",
  ],
  hpa: [
    ...asksDns("coordinator", "worker-cpu", "worker-wasm"),
    "coordinator → postgres:5432",
    "worker-cpu → postgres:5432",
    "worker-wasm → postgres:5432",
    "worker-cpu → coordinator:50051",
    "worker-wasm → coordinator:50051",
    "prometheus → coordinator:9464",
  ],
};

describe.skipIf(noHelm !== undefined)(`the network policies${noHelm ? ` (skipped: ${noHelm})` : ""}`, () => {
  it.each(Object.entries(table))("allow with ci/%s.yaml what is listed, and nothing else", async (name, expected) => {
    expect(await allowed(name)).toEqual([...expected].sort());
  });

  it("let a worker reach the collector only where workers send traces", async () => {
    const policies = (await render("cert-manager")).filter(({ kind }) => kind === "NetworkPolicy");
    const collector = { name: "collector", namespace: "monitoring", labels: {} };
    const reaches = (component) => {
      const from = { name: component, namespace, labels: label(component) };
      return allows(policies, { from, to: collector, port: 4318, namespace });
    };
    expect([reaches("coordinator"), reaches("worker")]).toEqual([true, false]);
  });

  it("are none where they are switched off", async () => {
    expect((await render("no-autoscaling")).filter(({ kind }) => kind === "NetworkPolicy")).toEqual([]);
  });
});

describe("allows", () => {
  const pod = (name, labels = {}) => ({ name, namespace: "here", labels });
  const policy = (spec) => ({ spec });
  const [a, b] = [pod("a", { app: "a" }), pod("b", { app: "b" })];
  const connection = { from: a, to: b, port: 80, namespace: "here" };
  const denyAll = policy({ podSelector: {}, policyTypes: ["Ingress", "Egress"] });
  const out = policy({ podSelector: { matchLabels: { app: "a" } }, policyTypes: ["Egress"], egress: [{}] });
  const into = (from) =>
    policy({ podSelector: { matchLabels: { app: "b" } }, ingress: [{ from, ports: [{ port: 80 }] }] });

  it.each([
    ["everything without policies", [], true],
    ["nothing under a policy without rules", [denyAll], false],
    ["nothing where only one end allows it", [denyAll, out], false],
    ["what both ends allow", [denyAll, out, into([{ podSelector: {} }])], true],
    ["nothing from another's labels", [denyAll, out, into([{ podSelector: { matchLabels: { app: "c" } } }])], false],
    ["nothing from addresses, to pods", [denyAll, out, into([{ ipBlock: { cidr: "0.0.0.0/0" } }])], false],
    [
      "nothing from another namespace",
      [denyAll, out, into([{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "there" } } }])],
      false,
    ],
  ])("gives %s", (_, policies, expected) => {
    expect(allows(policies, connection)).toBe(expected);
  });

  it("minds the port, its protocol and exceptions of a network", () => {
    const policies = [
      policy({
        podSelector: {},
        policyTypes: ["Egress"],
        egress: [
          {
            to: [{ ipBlock: { cidr: "10.0.0.0/8", except: ["10.1.0.0/16"] } }],
            ports: [{ port: 53, protocol: "UDP" }],
          },
        ],
      }),
    ];
    const reaches = (ip, port, protocol) =>
      allows(policies, { from: a, to: { name: ip, ip }, port, protocol, namespace: "here" });
    expect([
      reaches("10.0.0.1", 53, "UDP"),
      reaches("10.0.0.1", 53, "TCP"),
      reaches("10.0.0.1", 54, "UDP"),
      reaches("10.1.0.1", 53, "UDP"),
    ]).toEqual([true, false, false, false]);
  });
});
