import { givenFor, type Happened } from '../../../test/support/given';
import {
  allocationsMoved,
  factsOf,
  place,
  received,
  reserved,
  statusApplied,
  type DataOf,
} from '../../../test/support/stock-cases';
import { stock, type StockCommand, type StockEvent, type StockFacts } from '.';

/** Goods that come with word that their lot may not be used: what is allocated of it moves away in the same append. */

const given = givenFor(stock);
const receive: StockCommand = {
  type: 'ReceiveStock',
  data: { ...place, quantity: '2', lotCode: 'A' },
};
const takeBack: StockCommand = {
  type: 'ReturnStock',
  data: { ...place, quantity: '2', lotCode: 'A' },
};
const told = (
  qcStatus: DataOf<'LotStatusApplied'>['qcStatus'],
  expiresOn: string | null = null,
): StockFacts => factsOf({}, { lot: { qcStatus, expiresOn, revision: 3, here: true } });

const eventOf = (step: Happened<StockEvent>): StockEvent =>
  (Array.isArray(step) ? step[1] : step) as StockEvent;
const came = (rest: Partial<DataOf<'StockReceived.v2'>>): StockEvent =>
  eventOf(received('A', 2, 1, { lotRevision: 3, ...rest }));
const returned = (rest: Partial<DataOf<'StockReturned'>>): StockEvent => ({
  type: 'StockReturned',
  data: {
    ...place,
    ...{ lotCode: 'A', unit: 'bag', decimals: 0, reference: null, quantity: 2, entered: null },
    ...{ disposition: 'QUARANTINE', expiresOn: null, qcStatus: 'APPROVED', lotRevision: 3 },
    ...rest,
  },
});
const PASSED = '2026-06-14';
const toB = (cause: DataOf<'AllocationsMoved'>['cause']) =>
  allocationsMoved(1, { A: 4 }, { B: 4 }, cause);
const history = [received('A', 5), received('B', 9, 2), reserved(1, { A: 4 })] as const;

test.each<[string, StockCommand, StockFacts, StockEvent[]]>([
  [
    'a receipt of a recalled lot',
    receive,
    told('RECALLED'),
    [came({ qcStatus: 'RECALLED' }), toB('LOT_NOT_APPROVED')],
  ],
  [
    'a receipt of an expired lot',
    receive,
    told('APPROVED', PASSED),
    [came({ expiresOn: PASSED }), toB('LOT_EXPIRED')],
  ],
  [
    'a return of a rejected lot',
    takeBack,
    told('REJECTED'),
    [returned({ qcStatus: 'REJECTED' }), toB('LOT_NOT_APPROVED')],
  ],
  [
    'a return of an expired lot',
    takeBack,
    told('APPROVED', PASSED),
    [returned({ expiresOn: PASSED }), toB('LOT_EXPIRED')],
  ],
])('%s', (_, command, facts, events) => {
  given(...history)
    .when(command, facts)
    .then(events);
});

test('a return of a lot that is as it was leaves them', () => {
  given(...history)
    .when(takeBack, told('APPROVED'))
    .then([returned({})]);
});

test('an older word than what is known here leaves them', () => {
  given(...history, statusApplied('A', 'APPROVED', 5))
    .when(takeBack, told('REJECTED'))
    .then([returned({})]);
});

test.each(['REJECTED', 'RECALLED'] as const)(
  'a receipt that asks for quality control makes a lot no milder than %s',
  (qcStatus) => {
    const data = { ...place, quantity: '2', lotCode: 'A', qcRequired: true };
    given(received('A', 5), statusApplied('A', qcStatus))
      .when({ type: 'ReceiveStock', data }, factsOf())
      .then([came({ qcStatus, lotRevision: null, qcRequired: true })]);
  },
);
