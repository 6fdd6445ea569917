/**
 * One answer for all who ask while the one before is under way. Nobody gets an answer to a question that was put before
 * their own, so that what they know already is always in it.
 */
export function together<T>(ask: () => Promise<T>): () => Promise<T> {
  let underWay: Promise<unknown> = Promise.resolve();
  let next: Promise<T> | undefined;
  return () => {
    if (next) return next;
    const answered = underWay.then(() => {
      next = undefined;
      const answer = ask();
      underWay = answer.catch(() => undefined);
      return answer;
    });
    next = answered;
    return answered;
  };
}
