import { dayAfter, dayBefore } from './calendar';
import {
  accept,
  plainForm,
  refuse,
  type Decision,
  type EventsOf,
  type StreamDefinition,
} from './kernel';
import { calendarDate, orNull } from './schema';

/**
 * The accounting periods: the books are closed through one day, by UTC, and open from the next one on. Closing moves that
 * day forward, reopening moves it back; a movement that takes effect on or before it is refused.
 */

const periodEvents = {
  /** `was`: through which day they were closed before. */
  PeriodClosed: { through: calendarDate, was: orNull(calendarDate) },
  /** `from`: the first day that is open again. */
  PeriodReopened: { from: calendarDate, was: calendarDate },
};
export type PeriodEvent = EventsOf<typeof periodEvents>;

export type PeriodCommand =
  | { readonly type: 'ClosePeriod'; readonly data: { readonly through: string } }
  | { readonly type: 'ReopenPeriod'; readonly data: { readonly from: string } };

export interface PeriodState {
  /** The last closed day; null: nothing is closed. */
  readonly closedThrough: string | null;
}

export interface PeriodFacts {
  /** The day that has not ended yet: the calendar date of UTC by the clock of who decides. */
  readonly today: string;
}

export type PeriodCode = 'PERIOD_ALREADY_CLOSED' | 'PERIOD_IN_FUTURE' | 'PERIOD_NOT_CLOSED';

function decide(
  command: PeriodCommand,
  { closedThrough }: PeriodState,
  { today }: PeriodFacts,
): Decision<PeriodEvent, PeriodCode> {
  switch (command.type) {
    case 'ClosePeriod':
      return close(command.data.through, closedThrough, today);
    case 'ReopenPeriod':
      return reopen(command.data.from, closedThrough);
  }
}

function close(
  through: string,
  closedThrough: string | null,
  today: string,
): Decision<PeriodEvent, PeriodCode> {
  if (through >= today) {
    return refuse(
      'PERIOD_IN_FUTURE',
      `${through} has not ended yet by UTC; close through ${dayBefore(today)} at most`,
    );
  }
  if (closedThrough !== null && through <= closedThrough) {
    return refuse(
      'PERIOD_ALREADY_CLOSED',
      `the books are closed through ${closedThrough} already; close a later day, or reopen a period first`,
    );
  }
  return accept({ type: 'PeriodClosed', data: { through, was: closedThrough } });
}

function reopen(from: string, closedThrough: string | null): Decision<PeriodEvent, PeriodCode> {
  if (closedThrough === null) {
    return refuse('PERIOD_NOT_CLOSED', `no period is closed; ${from} is open as it is`);
  }
  if (from > closedThrough) {
    return refuse(
      'PERIOD_NOT_CLOSED',
      `the books are open from ${dayAfter(closedThrough)} on; reopen from ${closedThrough} or earlier`,
    );
  }
  return accept({ type: 'PeriodReopened', data: { from, was: closedThrough } });
}

/** Through which day the books are closed after an event. */
export const closedThroughAfter = (event: PeriodEvent): string =>
  event.type === 'PeriodClosed' ? event.data.through : dayBefore(event.data.from);

export const period: StreamDefinition<
  PeriodState,
  PeriodCommand,
  PeriodEvent,
  PeriodFacts,
  PeriodCode
> = {
  category: 'period',
  events: periodEvents,
  upcasts: {},
  initial: { closedThrough: null },
  decide,
  evolve: (_state, event) => ({ closedThrough: closedThroughAfter(event) }),
  form: plainForm(1),
};
