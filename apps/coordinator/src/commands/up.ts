import { InvalidArgument } from "@stride/experiment";
import { type Command, Option } from "commander";
import { openStore } from "../connection.js";
import { forgetCoordinator, rememberCoordinator } from "../connection-file.js";
import type { Context } from "../context.js";
import { oneToken } from "../observability/access.js";
import { createLog } from "../observability/log.js";
import { randomToken } from "../settings.js";
import { version } from "../version.js";

interface UpOptions {
  readonly listen: string;
  readonly http?: string;
  readonly health?: string;
}

/** `stride up`: the coordinator in the foreground. */
export function addUp(program: Command, context: Context): void {
  program
    .command("up")
    .description("run the coordinator in the foreground (and the embedded database if none is given)")
    .addOption(
      new Option("--listen <host:port>", "where workers and the command line reach it").default("127.0.0.1:50051"),
    )
    .addOption(
      new Option("--http <host:port>", "where /metrics and the status page are served; nowhere when left out").env(
        "STRIDE_HTTP_LISTEN",
      ),
    )
    .addOption(
      new Option("--health <host:port>", "where probes ask (gRPC health, plain text); nowhere when left out").env(
        "STRIDE_HEALTH_LISTEN",
      ),
    )
    .addHelpText(
      "after",
      "\nExample:\n  $ stride up\n  $ stride worker        # in another terminal\n  $ stride submit sweeps/smoke.yaml --watch\n\n" +
        "Listening beyond loopback needs STRIDE_TOKEN.",
    )
    .action(async ({ listen, http, health: probes }: UpOptions) => {
      const settings = context.settings();
      const [{ openTrialQueue }, { startCoordinator }, { openHealthServer, openObservation, openStatusServer }] =
        await Promise.all([
          import("@stride/queue"),
          import("../server.js"),
          import("../observability/watch-coordinator.js"),
        ]);
      const loopback = /^(127\.\d+\.\d+\.\d+|localhost|\[::1\]):/.test(listen);
      if (!loopback && settings.token === undefined) {
        throw new InvalidArgument(
          `listening on ${listen} lets other machines in: set STRIDE_TOKEN, for their workers too`,
        );
      }
      const token = settings.token ?? randomToken();
      const log = await createLog(settings.observability);
      await using health = await openHealthServer({ listen: probes, signal: context.signal, log });
      await using opened = await openStore(settings, { create: true });
      const queueUrl = settings.redisUrl ?? opened.database.url;
      await using queue = await openTrialQueue({ url: queueUrl, leaseMs: settings.leaseMs, migrate: settings.migrate });
      const { leaseMs } = settings;
      const { store } = opened;
      const observation = await openObservation({ store, leaseMs, log });
      await using coordinator = await startCoordinator({
        store,
        queue,
        listen,
        token,
        allowModules: settings.allowModules,
        leaseMs,
        observation,
        traced: settings.observability.traced,
        onError: (error) => log.error({}, error.message),
      });
      await rememberCoordinator(settings, { address: coordinator.address, token, queueUrl, pid: process.pid });
      const authority = settings.token === undefined ? undefined : oneToken(settings.token);
      await using _status = await openStatusServer({ listen: http, store, leaseMs, authority, ...observation });
      health?.watchServices(store, queue);
      log.say(
        { address: coordinator.address, version },
        `coordinator on ${coordinator.address}, results in ${opened.database.place}; Ctrl-C ends it`,
      );
      if (!context.signal.aborted) {
        await new Promise<void>((resolve) => context.signal.addEventListener("abort", () => resolve(), { once: true }));
      }
      await forgetCoordinator(settings);
      log.say({}, "coordinator gone; whatever was unfinished goes on at the next start");
    });
}
