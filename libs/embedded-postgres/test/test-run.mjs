/** Stands for a test run: takes a fresh database and then waits to be killed. Runs the built package. */
import { freshDatabase } from "../dist/testing.js";

const { url } = await freshDatabase();
console.log(url);
setInterval(() => undefined, 60_000);
