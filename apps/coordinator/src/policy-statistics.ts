/** What the numbers mean that an update tells about itself; libs/agents says the same of each algorithm. */
export const statisticMeanings: Readonly<Record<string, string>> = {
  episodes: "episodes learned from",
  decisions: "decisions in them",
  learningSteps: "steps of Adam",
  meanReturn: "mean over the newest episodes of the sum of their rewards",
  policyLoss: "the clipped surrogate's negative, with normalised advantages; 0 before the update",
  valueLoss: "squared distance of the critic from the returns it was fitted to",
  entropy: "of the policy's distribution after the update, nats",
  approximateKl: "of the policy before from the policy after, nats: how far the update went",
  clipFraction: "share of decisions whose probability moved by more than the clip",
  explainedVariance: "share of the returns' variance that the critic explained before the update",
  deviation: "of continuous actions before tanh",
  firstLoss: "Huber's loss over the first tenth of the mini-batches",
  lastLoss: "Huber's loss over the last tenth of the mini-batches",
  actionValue: "highest action value, mean over decisions: the return it promises",
  actionGap: "by how much the best action's value is above the second best's, mean over decisions",
};
