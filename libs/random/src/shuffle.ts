/** 0 to length − 1, shuffled by the 32-bit words of `next`: Fisher & Yates, 1938, in Durstenfeld's form. */
export function shuffled(length: number, next: () => number): Uint32Array {
  const order = new Uint32Array(length);
  for (let i = 0; i < length; i++) order[i] = i;
  for (let i = length - 1; i > 0; i--) {
    const j = below(i + 1, next);
    const swapped = order[i] as number;
    order[i] = order[j] as number;
    order[j] = swapped;
  }
  return order;
}

/** An integer below `bound`, from 1 to 2^32: a word of the incomplete last share of 2^32 is drawn again. */
function below(bound: number, next: () => number): number {
  const usable = 2 ** 32 - (2 ** 32 % bound);
  let word = next();
  while (word >= usable) word = next();
  return word % bound;
}
