/**
 * One line of the result. `goal` bounds the ratio (`{ ratioAtLeast }`) or the value (`{ valueBelow }`), or is left out.
 * `ratio` is given where it was taken round by round; else it is that of the two values. `floor` says what the work is at the
 * least (operations, bytes, or a measured time), `details` whatever else explains the number.
 */
export function entry({ name, measures, value, unit, baseline, ratio, goal, floor = {}, details = {} }) {
  const taken = ratio ?? (baseline === undefined ? undefined : value / baseline.value);
  return {
    name,
    measures,
    value,
    unit,
    baseline: baseline ?? null,
    ratio: taken ?? null,
    goal: goal === undefined ? null : describe(goal, unit),
    met: goal === undefined ? null : isMet(goal, value, taken),
    floor,
    details,
  };
}

function describe({ ratioAtLeast, valueBelow }, unit) {
  return ratioAtLeast !== undefined ? `at least ${ratioAtLeast} ×` : `below ${valueBelow} ${unit}`;
}

function isMet({ ratioAtLeast, valueBelow }, value, ratio) {
  return ratioAtLeast !== undefined ? ratio >= ratioAtLeast : value < valueBelow;
}
