import { givenFor, stateAfter } from '../../test/support/given';
import { period, type PeriodCode, type PeriodCommand, type PeriodEvent } from './period';

const given = givenFor(period);
const today = { today: '2026-04-02' };

const close = (through: string): PeriodCommand => ({ type: 'ClosePeriod', data: { through } });
const reopen = (from: string): PeriodCommand => ({ type: 'ReopenPeriod', data: { from } });
const closed = (through: string, was: string | null = null): PeriodEvent => ({
  type: 'PeriodClosed',
  data: { through, was },
});
const reopened = (from: string, was: string): PeriodEvent => ({
  type: 'PeriodReopened',
  data: { from, was },
});

const FEBRUARY = closed('2026-02-28');
const MARCH = closed('2026-03-31', '2026-02-28');

describe('closing', () => {
  test.each<[string, PeriodEvent[], PeriodCommand, PeriodEvent]>([
    ['the first period', [], close('2026-02-28'), FEBRUARY],
    ['the next one', [FEBRUARY], close('2026-03-31'), MARCH],
    ['one day more', [FEBRUARY], close('2026-03-01'), closed('2026-03-01', '2026-02-28')],
    ['yesterday', [], close('2026-04-01'), closed('2026-04-01')],
    [
      'what was reopened',
      [FEBRUARY, MARCH, reopened('2026-03-01', '2026-03-31')],
      close('2026-03-31'),
      MARCH,
    ],
  ])('%s', (_, history, command, event) => {
    given(...history)
      .when(command, today)
      .then([event]);
  });

  test.each<[string, PeriodEvent[], PeriodCommand, PeriodCode]>([
    ['today, which has not ended', [], close('2026-04-02'), 'PERIOD_IN_FUTURE'],
    ['tomorrow', [], close('2026-04-03'), 'PERIOD_IN_FUTURE'],
    ['next year', [FEBRUARY], close('2027-01-01'), 'PERIOD_IN_FUTURE'],
    ['the same day again', [FEBRUARY], close('2026-02-28'), 'PERIOD_ALREADY_CLOSED'],
    ['a day within', [FEBRUARY, MARCH], close('2026-03-30'), 'PERIOD_ALREADY_CLOSED'],
    ['long ago', [FEBRUARY], close('1999-12-31'), 'PERIOD_ALREADY_CLOSED'],
    [
      'a day before what was reopened',
      [MARCH, reopened('2026-03-15', '2026-03-31')],
      close('2026-03-14'),
      'PERIOD_ALREADY_CLOSED',
    ],
  ])('refused: %s', (_, history, command, code) => {
    given(...history)
      .when(command, today)
      .then(code);
  });

  test('a day that has not ended is told before that it is closed', () => {
    // The clock of another process was ahead when it closed the day.
    given(closed('2026-04-02')).when(close('2026-04-02'), today).then('PERIOD_IN_FUTURE');
  });
});

describe('reopening', () => {
  test.each<[string, PeriodEvent[], PeriodCommand, PeriodEvent]>([
    ['the last day', [MARCH], reopen('2026-03-31'), reopened('2026-03-31', '2026-03-31')],
    ['the last month', [MARCH], reopen('2026-03-01'), reopened('2026-03-01', '2026-03-31')],
    ['everything', [MARCH], reopen('1900-01-01'), reopened('1900-01-01', '2026-03-31')],
    [
      'more than was reopened before',
      [MARCH, reopened('2026-03-15', '2026-03-31')],
      reopen('2026-03-14'),
      reopened('2026-03-14', '2026-03-14'),
    ],
  ])('%s', (_, history, command, event) => {
    given(...history)
      .when(command, today)
      .then([event]);
  });

  test.each<[string, PeriodEvent[], PeriodCommand]>([
    ['nothing is closed', [], reopen('2026-03-01')],
    ['the first open day', [MARCH], reopen('2026-04-01')],
    ['a day to come', [MARCH], reopen('2027-01-01')],
    ['what is open again', [MARCH, reopened('2026-03-15', '2026-03-31')], reopen('2026-03-15')],
    ['everything, twice', [MARCH, reopened('1900-01-01', '2026-03-31')], reopen('1900-01-01')],
  ])('refused: %s', (_, history, command) => {
    given(...history)
      .when(command, today)
      .then('PERIOD_NOT_CLOSED');
  });
});

test.each<[PeriodEvent[], string | null]>([
  [[], null],
  [[FEBRUARY], '2026-02-28'],
  [[FEBRUARY, MARCH], '2026-03-31'],
  [[MARCH, reopened('2026-03-01', '2026-03-31')], '2026-02-28'],
  [[MARCH, reopened('2026-01-01', '2026-03-31')], '2025-12-31'],
])('after %j the books are closed through %s', (history, closedThrough) => {
  expect(stateAfter(period, history)).toStrictEqual({ closedThrough });
});

test.each([
  [close('2026-04-02'), 'close through 2026-04-01 at most'],
  [close('2026-03-31'), 'closed through 2026-03-31 already; close a later day'],
  [reopen('2026-04-01'), 'open from 2026-04-01 on; reopen from 2026-03-31 or earlier'],
])('the refusal of %j says what to do', (command, detail) => {
  const verdict = period.decide(command, stateAfter(period, [MARCH]), today);
  expect(verdict).toMatchObject({
    accepted: false,
    refusal: { detail: expect.stringContaining(detail) as string },
  });
});
