import type { DomainEvent } from '../domain';
import { COMES_AFTER, type AnyRequest } from './round';
import { UNDECIDED, type KernelCode, type Outcome, type Series } from './types';

export type AnyOutcome = Outcome<DomainEvent, string>;

/** A command that waits for its verdict. */
export interface Pending {
  readonly request: AnyRequest;
  readonly settle: (outcome: AnyOutcome) => void;
  readonly fail: (error: unknown) => void;
}

export const refused = (code: KernelCode, detail: string): AnyOutcome => ({
  kind: 'refused',
  refusal: { code, detail },
});

/** Commands that found no turn before their deadline are refused, and those that come after one; nothing of theirs was written. */
export function dropLate(live: readonly Pending[], why: string): Pending[] {
  const now = performance.now();
  return live.filter(({ request: { context }, settle }) => {
    if (context.series?.undecided) settle(refused('EARLIER_UNDECIDED', COMES_AFTER));
    else if (context.deadline > now) return true;
    else settle(refused('STREAM_BUSY', why));
    return false;
  });
}

/** The series hears what becomes of the command before its sender does. */
export function inSeries(series: Series, { request, settle, fail }: Pending): Pending {
  return {
    request,
    settle(outcome) {
      if (outcome.kind === 'refused' && UNDECIDED.has(outcome.refusal.code))
        series.undecided = true;
      settle(outcome);
    },
    fail(error) {
      series.undecided = true;
      fail(error);
    },
  };
}
