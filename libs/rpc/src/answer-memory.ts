/** Answers of calls that must not run twice, by request id. */
export interface AnswerMemory<T> {
  /** Runs `run`, or returns the answer (or shares the running call) of an earlier run under the same key. */
  once(key: string, run: () => Promise<T>): Promise<T>;
}

export interface AnswerMemoryOptions {
  readonly capacity: number;
  readonly keepMs: number;
  /** Milliseconds. */
  now(): number;
}

/**
 * Remembers answers for `keepMs`, at most `capacity` of them, oldest forgotten first. A call that failed is not remembered.
 *
 * It lives in the server's memory: a repetition that arrives after a restart runs again. For StartAttempt that opens a second attempt
 * and supersedes the first, whose token nobody has received: one token is wasted, nothing else.
 */
export function answerMemory<T>({ capacity, keepMs, now }: AnswerMemoryOptions): AnswerMemory<T> {
  const answers = new Map<string, { readonly until: number; readonly answer: Promise<T> }>();

  const forgetOld = () => {
    for (const [key, { until }] of answers) {
      if (until > now() && answers.size < capacity) return;
      answers.delete(key);
    }
  };

  return {
    once(key, run) {
      const known = answers.get(key);
      if (known !== undefined && known.until > now()) return known.answer;
      answers.delete(key);
      forgetOld();
      const answer = run();
      const entry = { until: now() + keepMs, answer };
      answers.set(key, entry);
      answer.catch(() => {
        if (answers.get(key) === entry) answers.delete(key);
      });
      return answer;
    },
  };
}
