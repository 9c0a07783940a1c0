import { version } from "@stride/experiment";
import { type Command, Option } from "commander";
import { openStore } from "../connection.js";
import { forgetCoordinator, keptToken, rememberCoordinator } from "../connection-file.js";
import type { Context } from "../context.js";
import { createLog } from "../observability/log.js";

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
      new Option("--listen <host:port>", "where workers and the command line reach it")
        .default("127.0.0.1:50051")
        .env("STRIDE_LISTEN"),
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
        "Listening beyond loopback needs STRIDE_TOKEN or STRIDE_TOKENS_FILE, and should have STRIDE_TLS_CERT_FILE and\n" +
        "STRIDE_TLS_KEY_FILE (docs/security.md).",
    )
    .action(async ({ listen, http, health: probes }: UpOptions) => {
      const settings = context.settings();
      const [{ openTrialQueue }, { startCoordinator }, { openDoors }, watching] = await Promise.all([
        import("@stride/queue"),
        import("../server.js"),
        import("../doors.js"),
        import("../observability/watch-coordinator.js"),
      ]);
      const log = await createLog(settings.observability);
      using doors = await openDoors({
        settings,
        ownToken: () => keptToken(settings),
        listen: [listen, ...(http ? [http] : [])],
        onWarning: (message) => log.warn({}, message),
      });
      await using health = await watching.openHealthServer({ listen: probes, signal: context.signal, log });
      await using opened = await openStore(settings, { create: true });
      const queueUrl = settings.redisUrl ?? opened.database.url;
      await using queue = await openTrialQueue({ url: queueUrl, leaseMs: settings.leaseMs, migrate: settings.migrate });
      const { leaseMs } = settings;
      const { store } = opened;
      const observation = await watching.openObservation({ store, leaseMs, log });
      await using coordinator = await startCoordinator({
        store,
        queue,
        listen,
        authority: doors.authority,
        tls: doors.tls,
        allowModules: settings.allowModules,
        leaseMs,
        observation,
        traced: settings.observability.traced,
        onError: (error) => log.error({}, error.message),
        onRefused: (reason) => observation.metrics.refused(reason),
      });
      await rememberCoordinator(settings, {
        address: coordinator.address,
        token: doors.localToken,
        queueUrl,
        pinFile: settings.serverSecurity.certFile,
        pid: process.pid,
      });
      await using _status = await watching.openStatusServer({ listen: http, store, leaseMs, ...doors, ...observation });
      health?.watchServices(store, queue);
      log.say(
        { address: coordinator.address, version },
        `coordinator on ${coordinator.address}${doors.tls === undefined ? "" : " (TLS)"}, results in ${opened.database.place}; Ctrl-C ends it`,
      );
      if (!context.signal.aborted) {
        await new Promise<void>((resolve) => context.signal.addEventListener("abort", () => resolve(), { once: true }));
      }
      await forgetCoordinator(settings);
      log.say({}, "coordinator gone; whatever was unfinished goes on at the next start");
    });
}
