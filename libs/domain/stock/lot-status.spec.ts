import fc from 'fast-check';
import { givenFor, stateAfter } from '../../../test/support/given';
import {
  lotOf,
  stock,
  type QcStatus,
  type StockCommand,
  type StockEvent,
  type StockEventOf,
  type StockFacts,
} from '.';

const given = givenFor(stock);

const PLACE = { sku: 'RICE-001', location: 'NORTH' };
const measured = { unit: 'kg', decimals: 3 };
const facts: StockFacts = {
  item: { ...measured, active: true, tracking: 'lot', qcRequired: true, allocationPolicy: 'FIFO' },
  location: { active: true },
  localDate: '2026-06-15',
  now: '2026-06-15T08:00:00.000Z',
  actor: 'marta',
  generatedLotCode: 'GENERATED-1',
};

type Word = Pick<StockEventOf<'LotStatusApplied'>['data'], 'qcStatus' | 'expiresOn'>;
const word = (qcStatus: QcStatus = 'APPROVED', expiresOn: string | null = null): Word => ({
  qcStatus,
  expiresOn,
});
const apply = (lotRevision: number, said: Word, lotCode = 'L1'): StockCommand => ({
  type: 'ApplyLotStatus',
  data: { ...PLACE, lotCode, lotRevision, ...said },
});
/** Of an item that is not there. */
const unmeasured = { unit: 'each', decimals: 0 };
const applied = (
  lotRevision: number,
  said: Word,
  lotCode = 'L1',
  item: typeof measured = measured,
): StockEvent => ({
  type: 'LotStatusApplied',
  data: { ...PLACE, ...item, lotCode, lotRevision, ...said },
});
const arrived = (
  quantity: number,
  lotCode = 'L1',
  rest: Partial<StockEventOf<'StockArrived'>['data']> = {},
): StockEvent => ({
  type: 'StockArrived',
  data: {
    ...PLACE,
    ...measured,
    quantity,
    lotCode,
    reference: null,
    transferId: 'RICE-001@SOUTH.T1',
    from: 'SOUTH',
    receivedAt: '2026-01-01T00:00:00.000Z',
    expiresOn: null,
    qcStatus: 'APPROVED',
    lotRevision: null,
    onHold: false,
    ...rest,
  },
});
const reserved = (
  ordinal: number,
  allocations: readonly { readonly lotCode: string; readonly quantity: number }[],
  hard = false,
): StockEvent => ({
  type: 'StockReserved',
  data: {
    ...PLACE,
    ...measured,
    reservationId: `RICE-001@NORTH.R${ordinal}`,
    quantity: allocations.reduce((sum, { quantity }) => sum + quantity, 0),
    entered: null,
    allocations,
    short: 0,
    strategy: 'FIFO',
    hard,
    batchId: null,
    reference: null,
    expiresAt: null,
  },
});
const issued = (quantity: number): StockEvent => ({
  type: 'StockIssued.v2',
  data: {
    ...PLACE,
    ...measured,
    ...of('L1', quantity),
    entered: null,
    reference: null,
    purpose: 'DISPOSAL',
    reservationId: null,
    fromHold: 0,
  },
});
const moved = (
  ordinal: number,
  from: number,
  to: readonly { readonly lotCode: string; readonly quantity: number }[],
  short: number,
  cause: 'LOT_NOT_APPROVED' | 'LOT_EXPIRED' = 'LOT_NOT_APPROVED',
): StockEvent => ({
  type: 'AllocationsMoved',
  data: {
    ...PLACE,
    ...measured,
    reservationId: `RICE-001@NORTH.R${ordinal}`,
    from: [{ lotCode: 'L1', quantity: from }],
    to,
    short,
    cause,
  },
});
const of = (lotCode: string, quantity: number) => ({ lotCode, quantity });

describe('the word of the lot stream', () => {
  test('is taken down, also before the goods', () => {
    given()
      .when(apply(0, word('REJECTED')), facts)
      .then([applied(0, word('REJECTED'))]);
    given(arrived(5))
      .when(apply(0, word('QUARANTINE', '2027-01-01')), facts)
      .then([applied(0, word('QUARANTINE', '2027-01-01'))]);
    const before = stateAfter(stock, [applied(3, word('REJECTED'))]);
    expect(lotOf(before.lots, 'L1')).toMatchObject({ onHand: 0, qcStatus: 'REJECTED' });
  });

  test('is never refused: not for an unknown or inactive item or place, nor for closed books', () => {
    const item = facts.item && { ...facts.item, active: false };
    for (const known of [
      { ...facts, item: null },
      { ...facts, location: null },
      { ...facts, closedThrough: '2026-12-31' },
      { ...facts, item, location: { active: false } },
    ]) {
      given(arrived(5))
        .when(apply(1, word('RECALLED')), known)
        .then([applied(1, word('RECALLED'), 'L1', known.item ? measured : unmeasured)]);
    }
  });

  test('said before, or older than what is known, changes nothing', () => {
    const history = [arrived(5), applied(4, word('REJECTED'))];
    given(...history)
      .when(apply(4, word('REJECTED')), facts)
      .thenNothing();
    given(...history)
      .when(apply(3, word('APPROVED')), facts)
      .thenNothing();
    // Nor after movements that say nothing of the lot's own stream.
    given(...history, arrived(2, 'L1', word('REJECTED')), reserved(1, [of('L1', 1)]), issued(1))
      .when(apply(3, word('APPROVED')), facts)
      .thenNothing();
    given(arrived(5, 'L1', { lotRevision: 4 }))
      .when(apply(4, word('REJECTED')), facts)
      .thenNothing();
  });

  test('is of one lot, not of its neighbour', () => {
    given(applied(4, word('REJECTED'), 'L2'), arrived(5, 'L1'))
      .when(apply(1, word('APPROVED')), facts)
      .then([applied(1, word('APPROVED'))]);
  });

  test('in whatever order it comes, and with the goods at any place in it, ends with the newest', () => {
    const second = word('APPROVED', '2026-06-01');
    const words = [word('QUARANTINE'), second, word('RECALLED'), word()];
    const steps: StockCommand[] = words.map((said, revision) => apply(revision, said));
    steps.push({
      type: 'AcceptArrival',
      data: {
        ...PLACE,
        ...measured,
        ...of('L1', 5),
        ...second,
        lotRevision: 1,
        transferId: 'RICE-001@SOUTH.T1',
        from: 'SOUTH',
        receivedAt: '2026-01-01T00:00:00.000Z',
      },
    });
    fc.assert(
      fc.property(
        fc.shuffledSubarray([...steps, ...steps.slice(0, 2)], { minLength: 1 }),
        (order) => {
          const state = order.reduce((before, command) => {
            const verdict = stock.decide(command, before, facts);
            if (!verdict.accepted) throw new Error(verdict.refusal.code);
            return verdict.events.reduce(
              (now, event) => stock.evolve(now, event, { effectiveAt: facts.now }),
              before,
            );
          }, stock.initial);
          const newest = Math.max(
            ...order.map(({ data }) => ('lotRevision' in data ? (data.lotRevision ?? -1) : -1)),
          );
          expect(lotOf(state.lots, 'L1')).toMatchObject({
            lotRevision: newest,
            ...words[newest],
          });
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('a lot that may not be used any more', () => {
  const stocked = [arrived(5), arrived(4, 'L2'), arrived(2, 'L3', { qcStatus: 'QUARANTINE' })];

  test.each<[QcStatus]>([['REJECTED'], ['RECALLED'], ['QUARANTINE']])(
    'once it is %s its allocations move to lots that may',
    (status) => {
      given(...stocked, reserved(1, [of('L1', 3)]))
        .when(apply(1, word(status)), facts)
        .then([applied(1, word(status)), moved(1, 3, [of('L2', 3)], 0)]);
    },
  );

  test('an expiry in the past moves them too, today not yet', () => {
    const history = [...stocked, reserved(1, [of('L1', 3)])];
    given(...history)
      .when(apply(1, word('APPROVED', '2026-06-14')), facts)
      .then([
        applied(1, word('APPROVED', '2026-06-14')),
        moved(1, 3, [of('L2', 3)], 0, 'LOT_EXPIRED'),
      ]);
    given(...history)
      .when(apply(1, word('APPROVED', '2026-06-15')), facts)
      .then([applied(1, word('APPROVED', '2026-06-15'))]);
  });

  test('of two reservations the older one is served first, and what finds no place is short', () => {
    given(...stocked, reserved(1, [of('L1', 3)]), reserved(2, [of('L1', 2)]))
      .when(apply(1, word('REJECTED')), facts)
      .then([
        applied(1, word('REJECTED')),
        moved(1, 3, [of('L2', 3)], 0),
        moved(2, 2, [of('L2', 1)], 1),
      ]);
  });

  test('a reservation that named it is short: no other may take its place', () => {
    given(...stocked, reserved(1, [of('L1', 3)], true))
      .when(apply(1, word('REJECTED')), facts)
      .then([applied(1, word('REJECTED')), moved(1, 3, [], 3)]);
  });

  test('what a reservation has of other lots stays', () => {
    const history = [...stocked, reserved(1, [of('L1', 1), of('L2', 3)])];
    given(...history)
      .when(apply(1, word('REJECTED')), facts)
      .then([applied(1, word('REJECTED')), moved(1, 1, [of('L2', 1)], 0)]);
    const state = stateAfter(stock, [
      ...history,
      applied(1, word('REJECTED')),
      moved(1, 1, [of('L2', 1)], 0),
    ]);
    expect(lotOf(state.lots, 'L1')).toMatchObject({ reserved: 0, onHand: 5 });
    expect(lotOf(state.lots, 'L2')).toMatchObject({ reserved: 4, onHand: 4 });
  });

  test('nothing moves where nothing of it is reserved, or where it may still be used', () => {
    given(...stocked, reserved(1, [of('L2', 3)]))
      .when(apply(1, word('REJECTED')), facts)
      .then([applied(1, word('REJECTED'))]);
    given(...stocked, reserved(1, [of('L1', 3)]))
      .when(apply(1, word('APPROVED', '2027-01-01')), facts)
      .then([applied(1, word('APPROVED', '2027-01-01'))]);
  });
});
