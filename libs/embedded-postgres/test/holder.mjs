/** A process of its own that holds the server of argv[2] until its input ends. Runs the built package: `npm run build` comes before. */
import { startEmbeddedPostgres } from "../dist/index.js";

const server = await startEmbeddedPostgres({ directory: process.argv[2] });
console.log(JSON.stringify({ url: server.url, attached: server.attached }));
process.stdin.resume();
process.stdin.on("end", async () => {
  await server[Symbol.asyncDispose]();
  console.log("disposed");
});
