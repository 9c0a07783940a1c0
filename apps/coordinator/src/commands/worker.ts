import { type ExecutorName, executorNames } from "@stride/compile/spec";
import { clientSecurityVariables, launchWorker } from "@stride/worker/launch";
import { type Command, Option } from "commander";
import { type RememberedCoordinator, recallCoordinator } from "../connection-file.js";
import type { Context } from "../context.js";
import { requireExecutor } from "../executors.js";
import { Unreachable } from "../exit-codes.js";
import { wholeNumber } from "../parsers.js";
import type { Settings } from "../settings.js";

interface WorkerOptions {
  readonly executor: ExecutorName;
  readonly slots: number;
  readonly threads: number;
  readonly health?: string;
}

/** `stride worker`: one worker node. */
export function addWorker(program: Command, context: Context): void {
  program
    .command("worker")
    .description("run one worker node; SIGTERM hands its cohorts back")
    .addOption(
      new Option("--executor <name>", "what trains").choices(executorNames).default("onnx-cpu").env("STRIDE_EXECUTOR"),
    )
    .addOption(countOption("--slots <n>", "cohorts trained at the same time").env("STRIDE_SLOTS"))
    .addOption(
      new Option("--health <host:port>", "where probes ask (gRPC health, plain text); nowhere when left out").env(
        "STRIDE_HEALTH_LISTEN",
      ),
    )
    .addOption(countOption("--threads <n>", "threads of one training").env("STRIDE_THREADS"))
    .addHelpText(
      "after",
      "\nBeside a `stride up` on this machine nothing needs to be set. Elsewhere:\n" +
        "  STRIDE_COORDINATOR=host:port STRIDE_TOKEN_FILE=… STRIDE_TLS_CA_FILE=… STRIDE_REDIS_URL=redis://… stride worker",
    )
    .action(async (options: WorkerOptions) => {
      const settings = context.settings();
      const connection = await connectionOf(settings);
      await requireExecutor(options.executor);
      const worker = launchWorker({
        environment: {
          ...connection,
          STRIDE_EXECUTOR: options.executor,
          STRIDE_SLOTS: String(options.slots),
          STRIDE_THREADS: String(options.threads),
          STRIDE_LEASE_MS: String(settings.leaseMs),
          STRIDE_HEALTH_LISTEN: options.health ?? "",
        },
        output: "inherit",
      });
      // Ctrl-C reaches the worker through the terminal's process group; SIGTERM must be passed on.
      context.signal.addEventListener("abort", () => worker.kill("SIGTERM"), { once: true });
      const code = await new Promise<number>((resolve) => worker.once("exit", (exit) => resolve(exit ?? 3)));
      context.exit(code);
    });
}

const countOption = (flags: string, description: string): Option =>
  new Option(flags, description).default(1).argParser(wholeNumber({ min: 1, max: 256 }));

async function connectionOf(settings: Settings): Promise<Record<string, string>> {
  const remembered = settings.coordinator === undefined ? await recallCoordinator(settings) : undefined;
  const coordinator = settings.coordinator ?? remembered?.address;
  if (coordinator === undefined) {
    throw new Unreachable(
      `no coordinator: start \`stride up\` on this machine (folder ${settings.home}), or set STRIDE_COORDINATOR=host:port`,
    );
  }
  const queueUrl = settings.redisUrl ?? remembered?.queueUrl ?? settings.databaseUrl;
  if (queueUrl === undefined) {
    throw new Unreachable(
      "no queue: set STRIDE_REDIS_URL as the coordinator has it (or STRIDE_DATABASE_URL, where it uses Postgres)",
    );
  }
  return {
    STRIDE_COORDINATOR: coordinator,
    STRIDE_QUEUE_URL: queueUrl,
    ...securityOf(settings, remembered),
  };
}

/** What is set counts; of the rest, what the coordinator beside it has left: its token, and the certificate that it shows. */
function securityOf(settings: Settings, remembered: RememberedCoordinator | undefined): Record<string, string> {
  const { token, clientSecurity: client } = settings;
  const localToken = token ?? (client.tokenFile === undefined ? remembered?.token : undefined);
  const trusts = client.tls !== undefined || client.caFile !== undefined || client.pinFile !== undefined;
  const pinFile = trusts ? client.pinFile : remembered?.pinFile;
  return {
    ...clientSecurityVariables({ ...client, pinFile }),
    STRIDE_TOKEN: localToken ?? "",
  };
}
