import {
  codeOf,
  factsOf,
  foldOf,
  held,
  place,
  received,
  reserve,
} from '../../../test/support/stock-cases';
import { stock, type StockCommand } from '.';

/** What one append holds has limits; who meets one is told to do it in parts. */

const MOST = 200;
const codes = Array.from({ length: MOST + 1 }, (_, n) => `L${1_000 + n}`);
const stocked = codes.map((code) => received(code, 2));
const state = foldOf(stocked);
const facts = factsOf({}, { destination: { active: true } });

const issue = (quantity: number, rest: object = {}): StockCommand => ({
  type: 'IssueStock',
  data: { ...place, quantity: String(quantity), ...rest },
});
const send = (quantity: number, rest: object = {}): StockCommand => ({
  type: 'DispatchTransfer',
  data: { ...place, quantity: String(quantity), to: 'SOUTH', ...rest },
});

describe.each<[string, (quantity: number) => StockCommand, number]>([
  ['an issue', issue, MOST],
  ['goods that go to waste', (quantity) => issue(quantity, { purpose: 'DISPOSAL' }), MOST],
  [
    'goods that go back to the supplier',
    (quantity) => issue(quantity, { purpose: 'RETURN_TO_SUPPLIER' }),
    MOST,
  ],
  ['a transfer', send, MOST],
  ['a transfer at once', (quantity) => send(quantity, { immediate: true }), 2 * MOST],
])('%s', (_, of, events) => {
  test.each([2 * MOST, 2 * MOST - 1])('takes %i of 200 lots', (quantity) => {
    const verdict = stock.decide(of(quantity), state, facts);
    expect(verdict.accepted && verdict.events.length).toBe(events);
  });

  test('takes nothing of one lot more, and that it lies in too many is why', () => {
    expect(codeOf(state, of(2 * MOST + 1), facts)).toBe('TOO_MANY_LOTS');
    expect(codeOf(state, of(2 * MOST + 2), facts)).toBe('TOO_MANY_LOTS');
  });

  test('is told that there is not enough where that is so', () => {
    expect(codeOf(state, of(2 * MOST + 3), facts)).toBe('INSUFFICIENT_STOCK');
  });
});

test.each([
  [issue(401), 'the most that one issue takes; issue it in parts'],
  [send(401), 'the most that one transfer takes; send it in parts'],
  [reserve('202'), 'the most that one reservation takes; reserve it in parts'],
])('%j is told what to do', (command, detail) => {
  const verdict = stock.decide(command, state, facts);
  expect(verdict).toMatchObject({
    refusal: { code: 'TOO_MANY_LOTS', detail: expect.stringContaining(detail) as string },
  });
});

test('what is on hold beyond counts for goods that go to waste alone', () => {
  const one = foldOf([...stocked, ...codes.slice(MOST).map((code) => held(code, 2))]);
  expect(codeOf(one, issue(401), facts)).toBe('INSUFFICIENT_STOCK');
  expect(codeOf(one, issue(401, { purpose: 'DISPOSAL' }), facts)).toBe('TOO_MANY_LOTS');
});

test('a lot that is named is one lot, however many there are', () => {
  expect(codeOf(state, issue(2, { lotCode: 'L1200' }), facts)).toBeUndefined();
  expect(codeOf(state, send(3, { lotCode: 'L1200' }), facts)).toBe('INSUFFICIENT_STOCK');
});
