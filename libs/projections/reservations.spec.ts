import * as fc from 'fast-check';
import { recorded } from '../../test/support/histories';
import {
  allocationsMoved,
  expired,
  extended,
  idOf,
  factsOf,
  foldOf,
  instants,
  issued,
  LATER,
  place,
  received,
  reservationCommands,
  released,
  reserved,
} from '../../test/support/stock-cases';
import {
  documentId,
  stock,
  type InventoryEvent,
  type Reservation,
  type StockCommand,
  type StockEvent,
  type StockState,
} from '../domain';
import { foldEvents, type Row } from '.';
import { allocations, reservations } from './reservations';

const MADE_AT = '2026-06-01T08:00:00.000Z';
const ENDED_AT = '2026-06-02T08:00:00.000Z';

function rowsOf(
  view: typeof reservations | typeof allocations,
  events: readonly InventoryEvent[],
): Row[] {
  const { rows, failure } = foldEvents(view, () => undefined, events);
  expect(failure).toBeUndefined();
  return [...rows.values()].filter((row) => row !== undefined);
}
const log = (...events: readonly StockEvent[]): InventoryEvent[] =>
  events.map((event, at) =>
    recorded(event, 'stock', 'stock-default.TEA@NORTH', at, at + 10, {
      effectiveAt: at === 0 ? MADE_AT : ENDED_AT,
      actor: 'ann',
    }),
  );
const told = (...events: readonly StockEvent[]): Row | undefined =>
  rowsOf(reservations, log(...events))[0];
const lines = (...events: readonly StockEvent[]): unknown[] =>
  rowsOf(allocations, log(...events))
    .reverse()
    .sort(inOrder)
    .map((row) => [row.lot_code, row.quantity, row.issued]);
const inOrder = (a: Row, b: Row): number =>
  Number(a.since_position) - Number(b.since_position) || Number(a.line) - Number(b.line);
const ofFirst = { reservationId: idOf(1) };

describe('the table of reservations', () => {
  it('StockReserved: the whole reservation', () => {
    const asked = { batchId: 'B-2', reference: 'SO-7', expiresAt: LATER, short: 3, hard: true };
    expect(told(reserved(1, { A: 5, '': 2 }, asked))).toEqual({
      reservation_id: idOf(1),
      sku: 'TEA',
      location: 'NORTH',
      status: 'ACTIVE',
      quantity: 10,
      allocated: 7,
      issued: 0,
      released: 0,
      expired: 0,
      short: 3,
      unit: 'bag',
      decimals: 0,
      strategy: 'FIFO',
      hard: true,
      batch_id: 'B-2',
      reference: 'SO-7',
      expires_at: LATER,
      reserved_at: MADE_AT,
      ended_at: null,
      actor: 'ann',
      command_id: expect.any(String) as string,
      made_position: expect.any(Number) as number,
      revision: 0,
      position: expect.any(Number) as number,
    });
  });

  const made = reserved(1, { A: 5, B: 2 });
  it.each<[string, StockEvent[], Row]>([
    ['StockIssued.v2 in part', [issued('A', 5, ofFirst)], { status: 'PARTIAL', issued: 5 }],
    [
      'StockIssued.v2 of all',
      [issued('A', 5, ofFirst), issued('B', 2, ofFirst)],
      { status: 'COMPLETED', issued: 7, allocated: 0, ended_at: ENDED_AT },
    ],
    [
      'ReservationReleased in part',
      [released(1, { A: 4 })],
      { status: 'ACTIVE', released: 4, allocated: 3, ended_at: null },
    ],
    [
      'ReservationReleased of all',
      [released(1, { A: 5, B: 2 })],
      { status: 'RELEASED', released: 7, allocated: 0, ended_at: ENDED_AT },
    ],
    [
      'ReservationReleased after a part was issued',
      [issued('A', 5, ofFirst), released(1, { B: 1 })],
      { status: 'PARTIAL', issued: 5, released: 1, allocated: 1 },
    ],
    [
      'the rest issued after a part was released',
      [released(1, { A: 5 }), issued('B', 2, ofFirst)],
      { status: 'COMPLETED', issued: 2, released: 5, ended_at: ENDED_AT },
    ],
    [
      'ReservationExpired',
      [issued('A', 1, ofFirst), expired(1, { A: 4, B: 2 }, LATER)],
      { status: 'EXPIRED', issued: 1, expired: 6, allocated: 0, ended_at: ENDED_AT },
    ],
    ['ReservationExtended', [extended(1, LATER)], { status: 'ACTIVE', expires_at: LATER }],
    [
      'AllocationsMoved, with what is short of it',
      [allocationsMoved(1, { A: 5 }, { C: 3 }, 'LOT_NOT_APPROVED')],
      { status: 'ACTIVE', allocated: 5, short: 2 },
    ],
    [
      'nothing but short: it goes on',
      [allocationsMoved(1, { A: 5, B: 2 }, {}, 'LOT_EXPIRED')],
      { status: 'ACTIVE', allocated: 0, short: 7, ended_at: null },
    ],
    [
      'what is short given up',
      [allocationsMoved(1, { A: 5, B: 2 }, {}, 'LOT_EXPIRED'), released(1, {}, 7)],
      { status: 'RELEASED', short: 0, released: 7 },
    ],
    ['an issue of another one', [issued('A', 5)], { status: 'ACTIVE', issued: 0 }],
  ])('%s', (_, events, expected) => {
    expect(told(made, ...events)).toMatchObject(expected);
  });
});

describe('the table of allocations', () => {
  const made = reserved(1, { B: 2, A: 5 });
  it.each<[string, StockEvent[], unknown[]]>([
    [
      'in their order',
      [],
      [
        ['B', 2, 0],
        ['A', 5, 0],
      ],
    ],
    [
      'with what was issued of each',
      [issued('B', 2, ofFirst), issued('A', 1, ofFirst)],
      [
        ['B', 0, 2],
        ['A', 4, 1],
      ],
    ],
    ['less what was released', [released(1, { B: 2, A: 1 })], [['A', 4, 0]]],
    ['nothing of one that has expired', [expired(1, { B: 2, A: 5 }, LATER)], []],
    [
      'what moved comes last, or joins what is there',
      [allocationsMoved(1, { B: 2 }, { C: 1, A: 1 }, 'LOT_NOT_APPROVED')],
      [
        ['A', 6, 0],
        ['C', 1, 0],
      ],
    ],
    [
      'what moved away and back comes last as well',
      [
        issued('B', 1, ofFirst),
        allocationsMoved(1, { B: 1 }, { C: 1 }, 'LOT_NOT_APPROVED'),
        allocationsMoved(1, { C: 1 }, { B: 1 }, 'LOT_NOT_APPROVED'),
      ],
      [
        ['A', 5, 0],
        ['B', 1, 1],
      ],
    ],
  ])('%s', (_, events, expected) => {
    expect(lines(made, ...events)).toEqual(expected);
  });
});

/** What a stream with three lots makes of commands, and its state then. */
function played(
  commands: readonly (readonly [StockCommand, string])[],
): [InventoryEvent[], StockState] {
  const start = [received('A', 9, 1), received('B', 9, 2), received('C', 9, 3)];
  const events: StockEvent[] = start.map((step) => (step as readonly [string, StockEvent])[1]);
  let state = foldOf(start);
  for (const [command, now] of commands) {
    const verdict = stock.decide(command, state, factsOf({}, { now }));
    for (const event of verdict.accepted ? verdict.events : []) {
      state = stock.evolve(state, event, { effectiveAt: now });
      events.push(event);
    }
  }
  return [log(...events), state];
}

it('both say of every history what the stock stream itself decides upon', () => {
  let [open, ended, moved] = [0, 0, 0];
  const statuses = fc
    .tuple(fc.constantFrom('A', 'B', 'C'), fc.nat(9), fc.boolean())
    .map(([lotCode, lotRevision, approved]): StockCommand => {
      const qcStatus = approved ? 'APPROVED' : 'REJECTED';
      return {
        type: 'ApplyLotStatus',
        data: { ...place, lotCode, lotRevision, qcStatus, expiresOn: null },
      };
    });
  const step = fc.tuple(
    fc.oneof({ weight: 6, arbitrary: reservationCommands }, statuses),
    instants,
  );
  fc.assert(
    fc.property(fc.array(step, { minLength: 5, maxLength: 30 }), (commands) => {
      const [events, state] = played(commands);
      moved += events.filter(({ type }) => type === 'AllocationsMoved').length;
      const lots = rowsOf(allocations, events);
      for (const row of rowsOf(reservations, events)) {
        const decided = openIn(state, row.reservation_id);
        const own = lots
          .filter(({ reservation_id }) => reservation_id === row.reservation_id)
          .sort(inOrder);
        const { allocated, issued: out, released: freed, expired: over, short } = row;
        const parts = [allocated, out, freed, over, short].map(Number);
        expect(parts.reduce((sum, part) => sum + part)).toBe(row.quantity);
        expect(parts.every((part) => part >= 0)).toBe(true);
        expect(own.reduce((sum, { issued: each }) => sum + Number(each), 0)).toBe(out);
        expect([row.status === 'ACTIVE' || row.status === 'PARTIAL', short]).toEqual([
          decided !== undefined,
          decided?.short ?? 0,
        ]);
        expect(
          own
            .filter(({ quantity }) => quantity !== 0)
            .map(({ lot_code, quantity }) => ({ lotCode: lot_code, quantity })),
        ).toEqual(decided?.allocations ?? []);
        if (decided) expect(row.expires_at).toBe(decided.expiresAt);
        if (decided) open += 1;
        else ended += 1;
      }
    }),
    { numRuns: 300 },
  );
  expect(Math.min(open, ended, moved)).toBeGreaterThan(20);
});

function openIn(state: StockState, id: unknown): Reservation | undefined {
  const packed = stock.form.pack(state) as { reservations: { open: Reservation[] } };
  return packed.reservations.open.find(
    ({ ordinal }) => documentId('reservation', place.sku, place.location, ordinal) === id,
  );
}
