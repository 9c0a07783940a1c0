import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomInt } from "node:crypto";

/** Set where no network namespace can be made: why tests are skipped. With CI set that is a failure, not a skip. */
export const noNamespaces: string | undefined = (() => {
  const name = `stride-${process.pid}-probe`;
  try {
    execFileSync("ip", ["netns", "add", name], { stdio: "pipe" });
    execFileSync("ip", ["netns", "del", name], { stdio: "pipe" });
    return undefined;
  } catch (error) {
    const reason = `no network namespace can be made (root and iproute2 are needed): ${String((error as Error).message).split("\n")[0]}`;
    if (process.env.CI === "true") throw new Error(`${reason}, and CI must test with them`);
    return reason;
  }
})();

/** A host of its own on one machine: other processes reach it by its address alone. */
export interface NetworkHost {
  readonly name: string;
  /** On the network that all hosts share, but those of the back room. */
  readonly address: string;
  spawn(command: string, args: readonly string[], env: NodeJS.ProcessEnv): ChildProcess;
}

export interface NetworkHosts<Name extends string> extends Disposable {
  readonly hosts: Readonly<Record<Name, NetworkHost>>;
  /** Where this process is for the hosts. */
  readonly ownAddress: string;
}

/**
 * Hosts as network namespaces of this machine. Those of `front` and this process share a network; `back` is a second one, of the hosts
 * that it names alone: a host that is in `back` and not in `front` is reached by its neighbours there and by nobody else.
 */
export function networkHosts<Name extends string>(networks: {
  readonly front: readonly Name[];
  readonly back: readonly Name[];
}): NetworkHosts<Name> {
  const id = randomInt(16, 250);
  const prefix = `stride-${process.pid}`;
  const names = [...new Set([...networks.front, ...networks.back])];
  const undo: (() => void)[] = [];
  const ip = (...args: string[]): void => void execFileSync("ip", args, { stdio: "pipe" });
  const dispose = (): void => {
    for (const step of undo.reverse()) step();
  };
  try {
    for (const name of names) {
      ip("netns", "add", `${prefix}-${name}`);
      undo.push(() => ip("netns", "del", `${prefix}-${name}`));
      ip("-n", `${prefix}-${name}`, "link", "set", "lo", "up");
    }
    // The front network's bridge is this process's neighbour; the back one has no address here.
    const bridges = { front: `sf${process.pid}`, back: `sb${process.pid}` };
    const subnets = { front: `10.83.${id}`, back: `10.84.${id}` };
    for (const [network, bridge] of Object.entries(bridges) as ["front" | "back", string][]) {
      ip("link", "add", bridge, "type", "bridge");
      undo.push(() => ip("link", "del", bridge));
      if (network === "front") ip("addr", "add", `${subnets.front}.1/24`, "dev", bridge);
      ip("link", "set", bridge, "up");
      for (const name of networks[network]) {
        const [outside, inside] = [`${bridge}${names.indexOf(name)}`, network];
        ip("link", "add", outside, "type", "veth", "peer", "name", inside, "netns", `${prefix}-${name}`);
        ip("link", "set", outside, "master", bridge, "up");
        ip(
          "-n",
          `${prefix}-${name}`,
          "addr",
          "add",
          `${subnets[network]}.${10 + names.indexOf(name)}/24`,
          "dev",
          inside,
        );
        ip("-n", `${prefix}-${name}`, "link", "set", inside, "up");
      }
    }
    const hostOf = (name: Name): NetworkHost => ({
      name,
      address: `${networks.front.includes(name) ? subnets.front : subnets.back}.${10 + names.indexOf(name)}`,
      spawn: (command, args, env) =>
        spawn("ip", ["netns", "exec", `${prefix}-${name}`, command, ...args], {
          env,
          stdio: ["ignore", "pipe", "pipe"],
        }),
    });
    return {
      hosts: Object.fromEntries(names.map((name) => [name, hostOf(name)])) as Record<Name, NetworkHost>,
      ownAddress: `${subnets.front}.1`,
      [Symbol.dispose]: dispose,
    };
  } catch (error) {
    dispose();
    throw error;
  }
}
