import type { Episode } from "@stride/experiment";

type Columns = Pick<Episode, "features" | "actions" | "logProbabilities" | "entropies" | "rewards">;

/** An episode's numbers end to end, float32, little-endian. */
export function encodeTrajectory({ features, actions, logProbabilities, entropies, rewards }: Columns): Buffer {
  const parts = [features, actions, logProbabilities, entropies, rewards];
  const bytes = Buffer.alloc(4 * parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) for (const value of part) offset = bytes.writeFloatLE(value, offset);
  return bytes;
}

/** The inverse, of an episode of so many decisions. */
export function decodeTrajectory(bytes: Buffer, decisions: number): Columns {
  const values = new Float32Array(bytes.length / 4);
  for (let i = 0; i < values.length; i++) values[i] = bytes.readFloatLE(4 * i);
  const features = values.length - 4 * decisions;
  const column = (place: number) => values.slice(features + place * decisions, features + (place + 1) * decisions);
  return {
    features: values.slice(0, features),
    actions: column(0),
    logProbabilities: column(1),
    entropies: column(2),
    rewards: column(3),
  };
}
