import { InvalidArgument } from "@stride/experiment";
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
      new Option("--listen <host:port>", "where workers and the command line reach it").default("127.0.0.1:50051"),
    )
    .addHelpText(
      "after",
      "\nExample:\n  $ stride up\n  $ stride worker        # in another terminal\n  $ stride submit sweeps/smoke.yaml --watch\n\n" +
        "Listening beyond loopback needs STRIDE_TOKEN.",
    )
    .action(async ({ listen }: { listen: string }) => {
      const settings = context.settings();
      const [{ openTrialQueue }, { startCoordinator }] = await Promise.all([
        import("@stride/queue"),
        import("../server.js"),
      ]);
      const loopback = /^(127\.\d+\.\d+\.\d+|localhost|\[::1\]):/.test(listen);
      if (!loopback && settings.token === undefined) {
        throw new InvalidArgument(
          `listening on ${listen} lets other machines in: set STRIDE_TOKEN, for their workers too`,
        );
      }
      const token = settings.token ?? (await keptToken(settings));
      await using opened = await openStore(settings, { create: true });
      const queueUrl = settings.redisUrl ?? opened.database.url;
      await using queue = await openTrialQueue({ url: queueUrl, leaseMs: settings.leaseMs, migrate: settings.migrate });
      await using coordinator = await startCoordinator({
        store: opened.store,
        queue,
        listen,
        token,
        allowModules: settings.allowModules,
        leaseMs: settings.leaseMs,
        onError: (error) => console.error(`coordinator: ${error.message}`),
      });
      await rememberCoordinator(settings, { address: coordinator.address, token, queueUrl, pid: process.pid });
      console.error(`coordinator on ${coordinator.address}, results in ${opened.database.place}; Ctrl-C ends it`);
      if (!context.signal.aborted) {
        await new Promise<void>((resolve) => context.signal.addEventListener("abort", () => resolve(), { once: true }));
      }
      await forgetCoordinator(settings);
      console.error("coordinator gone; whatever was unfinished goes on at the next start");
    });
}
