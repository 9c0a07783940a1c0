export { randomStream, type Stream, type StreamOptions } from "./stream.js";
