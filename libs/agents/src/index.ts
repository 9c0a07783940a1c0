export { doubleDqnStatistics } from "./double-dqn.js";
export { floorStatistics } from "./floors.js";
export { type LearnOptions, learn } from "./learn.js";
export { ppoStatistics } from "./ppo.js";
export { type RunEpisodesOptions, runEpisodes } from "./run-episodes.js";
