import * as fc from 'fast-check';
import { stateAfter, type Happened } from '../../../test/support/given';
import {
  allocationsMoved,
  instants,
  LATER,
  PASSED,
  reservationCommands,
  extended,
  factsOf,
  held,
  idOf,
  issued,
  received,
  released,
  reserved,
  statusApplied,
} from '../../../test/support/stock-cases';
import { stock, type StockEvent } from '.';

type History = readonly Happened<StockEvent>[];
const stocked: History = [received('A', 5, 1), received('B', 5, 2), received('C', 5, 3)];

describe('a snapshot', () => {
  const everything: History = [
    ...stocked,
    received(null, 10, 4),
    held('C', 1),
    reserved(1, { A: 2 }, { expiresAt: PASSED }),
    reserved(2, { A: 3, B: 1 }, { expiresAt: LATER, strategy: 'LIFO' }),
    reserved(3, { B: 2 }, { hard: true, short: 2 }),
    reserved(4, { '': 4 }, { expiresAt: null }),
    reserved(5, { C: 2 }, { strategy: 'FEFO' }),
    released(5, { C: 2 }),
    issued('A', 1, { reservationId: idOf(2) }),
    statusApplied('B', 'REJECTED', 3),
    allocationsMoved(2, { B: 1 }, { '': 1 }, 'LOT_NOT_APPROVED'),
    allocationsMoved(3, { B: 2 }, {}, 'LOT_NOT_APPROVED'),
    extended(4, LATER),
  ];
  const state = stateAfter(stock, everything);
  const restored = stock.form.unpack(JSON.parse(JSON.stringify(stock.form.pack(state))));

  test('of a state with all of it decides the same, and goes on the same', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(reservationCommands, instants), { maxLength: 8 }), (asked) => {
        let [whole, again] = [state, restored];
        for (const [command, now] of asked) {
          const verdict = stock.decide(command, whole, factsOf({}, { now }));
          expect(stock.decide(command, again, factsOf({}, { now }))).toEqual(verdict);
          if (!verdict.accepted) continue;
          for (const event of verdict.events) {
            whole = stock.evolve(whole, event, { effectiveAt: now });
            again = stock.evolve(again, event, { effectiveAt: now });
          }
          expect(stock.form.pack(again)).toEqual(stock.form.pack(whole));
        }
      }),
      { numRuns: 200 },
    );
  });

  test('whose reservations and lots do not fit is refused', () => {
    const packed = stock.form.pack(state) as { reservations: { open: object[] } };
    const open = packed.reservations.open.slice(1);
    expect(() => stock.form.unpack({ ...packed, reservations: { made: 5, open } })).toThrow();
  });
});
