import { InvalidArgumentError } from "commander";

/** An option's whole number within bounds; commander shows the message with the option's name. */
export function wholeNumber({ min, max }: { readonly min: number; readonly max: number }): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < min || value > max) {
      throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}, got "${text}".`);
    }
    return value;
  };
}

/** An option's number that is above 0 (or at least 0). */
export function positiveNumber({ orZero = false }: { readonly orZero?: boolean } = {}): (text: string) => number {
  return (text) => {
    const value = text.trim() === "" ? Number.NaN : Number(text);
    if (!Number.isFinite(value) || value < 0 || (value === 0 && !orZero)) {
      throw new InvalidArgumentError(`It must be a number ${orZero ? "of at least" : "above"} 0, got "${text}".`);
    }
    return value;
  };
}
