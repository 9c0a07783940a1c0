import { type Command, Option } from "commander";
import { openStore } from "../connection.js";
import { forgetCoordinator, keptToken, rememberCoordinator } from "../connection-file.js";
import type { Context } from "../context.js";

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
    .addHelpText(
      "after",
      "\nExample:\n  $ stride up\n  $ stride worker        # in another terminal\n  $ stride submit sweeps/smoke.yaml --watch\n\n" +
        "Listening beyond loopback needs STRIDE_TOKEN or STRIDE_TOKENS_FILE, and should have STRIDE_TLS_CERT_FILE and\n" +
        "STRIDE_TLS_KEY_FILE (docs/security.md).",
    )
    .action(async ({ listen }: { listen: string }) => {
      const settings = context.settings();
      const [{ openTrialQueue }, { startCoordinator }, { openDoors }] = await Promise.all([
        import("@stride/queue"),
        import("../server.js"),
        import("../doors.js"),
      ]);
      using doors = openDoors({
        settings,
        ownToken: settings.token ?? (await keptToken(settings)),
        listen: [listen],
        onWarning: (message) => console.error(`coordinator: ${message}`),
      });
      await using opened = await openStore(settings, { create: true });
      const queueUrl = settings.redisUrl ?? opened.database.url;
      await using queue = await openTrialQueue({ url: queueUrl, leaseMs: settings.leaseMs, migrate: settings.migrate });
      await using coordinator = await startCoordinator({
        store: opened.store,
        queue,
        listen,
        authority: doors.authority,
        tls: doors.tls,
        allowModules: settings.allowModules,
        leaseMs: settings.leaseMs,
        onError: (error) => console.error(`coordinator: ${error.message}`),
      });
      await rememberCoordinator(settings, {
        address: coordinator.address,
        token: doors.localToken,
        queueUrl,
        pinFile: settings.serverSecurity.certFile,
        pid: process.pid,
      });
      console.error(
        `coordinator on ${coordinator.address}${doors.tls === undefined ? "" : " (TLS)"}, results in ${opened.database.place}; Ctrl-C ends it`,
      );
      if (!context.signal.aborted) {
        await new Promise<void>((resolve) => context.signal.addEventListener("abort", () => resolve(), { once: true }));
      }
      await forgetCoordinator(settings);
      console.error("coordinator gone; whatever was unfinished goes on at the next start");
    });
}
