import { BlockList, isIPv6 } from "node:net";
import { fits } from "./helm-objects.mjs";

/**
 * Somebody on the cluster's network: a pod, or an address outside the cluster.
 * @typedef {object} Actor
 * @property {string} name
 * @property {string} [namespace] of a pod; its label kubernetes.io/metadata.name is the same
 * @property {Record<string, string>} [labels] of a pod
 * @property {string} [ip] of what is no pod
 */

/**
 * Whether NetworkPolicies let `from` connect to `port` of `to`. As Kubernetes has it: a pod that no policy selects in a
 * direction may do everything in it; one that some select may do what any of them allows; both ends must allow it.
 * @param {readonly any[]} policies objects of kind NetworkPolicy, all of `namespace`
 * @param {{ from: Actor, to: Actor, port: number, protocol?: string, namespace: string }} connection
 */
export function allows(policies, { from, to, port, protocol = "TCP", namespace }) {
  const open = (actor, other, direction, rules, ends) => {
    if (actor.namespace !== namespace) return true;
    const selecting = policies.filter(
      ({ spec }) => fits(spec.podSelector, actor.labels ?? {}) && typesOf(spec).includes(direction),
    );
    if (selecting.length === 0) return true;
    return selecting.some(({ spec }) =>
      (spec[rules] ?? []).some(
        (rule) => portFits(rule.ports, port, protocol) && peersFit(rule[ends], other, namespace),
      ),
    );
  };
  return open(from, to, "Egress", "egress", "to") && open(to, from, "Ingress", "ingress", "from");
}

const typesOf = ({ policyTypes, egress }) => policyTypes ?? (egress ? ["Ingress", "Egress"] : ["Ingress"]);

function portFits(ports, port, protocol) {
  if (ports === undefined || ports.length === 0) return true;
  return ports.some((each) => (each.protocol ?? "TCP") === protocol && (each.port === undefined || each.port === port));
}

function peersFit(peers, actor, namespace) {
  if (peers === undefined || peers.length === 0) return true;
  return peers.some(({ ipBlock, podSelector, namespaceSelector }) => {
    if (ipBlock !== undefined) {
      if (actor.ip === undefined) return false;
      return within(ipBlock.cidr, actor.ip) && !(ipBlock.except ?? []).some((cidr) => within(cidr, actor.ip));
    }
    if (actor.namespace === undefined) return false;
    if (namespaceSelector === undefined) {
      if (actor.namespace !== namespace) return false;
    } else if (!fits(namespaceSelector, { "kubernetes.io/metadata.name": actor.namespace })) return false;
    return podSelector === undefined || fits(podSelector, actor.labels ?? {});
  });
}

function within(cidr, ip) {
  const [network, bits] = cidr.split("/");
  const type = isIPv6(network) ? "ipv6" : "ipv4";
  const list = new BlockList();
  list.addSubnet(network, Number(bits), type);
  return list.check(ip, isIPv6(ip) ? "ipv6" : "ipv4");
}
