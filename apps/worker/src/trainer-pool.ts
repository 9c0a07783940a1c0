import type { Trainer } from "./trainer.js";

/** Trainers of one worker: one for each piece of work in hand, kept for the next one. */
export interface TrainerPool extends AsyncDisposable {
  /** An idle one, else a new one. */
  take(): Trainer;
  /** Keeps it if it is healthy; then lets idle ones go until there are no more than `most` in all, and waits until they are gone. */
  giveBack(trainer: Trainer, options: { readonly healthy: boolean; readonly most: number }): Promise<void>;
}

export function trainerPool(createTrainer: () => Trainer): TrainerPool {
  const all = new Set<Trainer>();
  const idle: Trainer[] = [];

  async function letGo(trainer: Trainer): Promise<void> {
    all.delete(trainer);
    await trainer[Symbol.asyncDispose]();
  }

  return {
    take() {
      const kept = idle.pop();
      if (kept !== undefined) return kept;
      const made = createTrainer();
      all.add(made);
      return made;
    },
    async giveBack(trainer, { healthy, most }) {
      if (healthy) idle.push(trainer);
      const leaving = healthy ? [] : [trainer];
      leaving.push(...idle.splice(0, Math.max(0, all.size - leaving.length - most)));
      await Promise.all(leaving.map(letGo));
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...all].map((trainer) => trainer[Symbol.asyncDispose]()));
    },
  };
}
