import { givenFor, stateAfter, type Happened } from '../../../test/support/given';
import {
  allocationsMoved,
  expired,
  extend,
  extended,
  factsOf,
  idOf,
  issued,
  issueReserved,
  NOW,
  received,
  release,
  released,
  reserve,
  reserved,
  statusApplied,
} from '../../../test/support/stock-cases';
import { lotsOf, openOf, stock, type StockCode, type StockCommand, type StockEvent } from '.';

const given = givenFor(stock);
type History = readonly Happened<StockEvent>[];
const facts = factsOf();
const LATER = '2026-06-15T12:00:00.000Z';
const PASSED = '2026-06-15T09:00:00.000Z';

const ofFirst = { reservationId: idOf(1) };

const stocked: History = [received('A', 5, 1), received('B', 5, 2), received('C', 5, 3)];
const reservedSeven: History = [...stocked, reserved(1, { A: 5, B: 2 })];
const ended: History = [...stocked, reserved(1, { A: 5 }), released(1, { A: 5 })];

describe('issuing what is reserved', () => {
  test('in the order in which it was allocated, whole', () => {
    given(...reservedSeven)
      .when(issueReserved(1), facts)
      .then([issued('A', 5, ofFirst), issued('B', 2, ofFirst)]);
  });

  test('in part, and then the rest', () => {
    given(...reservedSeven)
      .when(issueReserved(1, { quantity: '6' }), facts)
      .then([issued('A', 5, ofFirst), issued('B', 1, ofFirst)]);
    given(...reservedSeven, issued('A', 5, ofFirst), issued('B', 1, ofFirst))
      .when(issueReserved(1), facts)
      .then([issued('B', 1, ofFirst)]);
  });

  test('of lots that were named, in the order in which they were', () => {
    given(...stocked, reserved(1, { C: 2, A: 3 }, { hard: true }))
      .when(issueReserved(1, { quantity: '3' }), facts)
      .then([issued('C', 2, ofFirst), issued('A', 1, ofFirst)]);
  });

  test('with what it is for', () => {
    given(...reservedSeven)
      .when(issueReserved(1, { quantity: '1', purpose: 'SALE', reference: 'SO-7' }), facts)
      .then([issued('A', 1, { ...ofFirst, purpose: 'SALE', reference: 'SO-7' })]);
  });

  test('in packs', () => {
    const packs = factsOf({ units: [{ unit: 'pack', numerator: 3, denominator: 1 }] });
    const entered = { quantity: '2', unit: 'pack', numerator: 3, denominator: 1 };
    given(...reservedSeven)
      .when(issueReserved(1, { quantity: '2', unit: 'pack' }), packs)
      .then([issued('A', 5, { ...ofFirst, entered }), issued('B', 1, { ...ofFirst, entered })]);
  });

  test('of an inactive item at an inactive place, so that it can be cleared', () => {
    given(...reservedSeven)
      .when(issueReserved(1), factsOf({ active: false }, { location: { active: false } }))
      .then([issued('A', 5, ofFirst), issued('B', 2, ofFirst)]);
  });

  test('leaves what is free, and what others have reserved, alone', () => {
    const state = stateAfter(stock, [
      ...reservedSeven,
      reserved(2, { B: 3 }),
      issued('A', 5, ofFirst),
      issued('B', 2, ofFirst),
    ]);
    expect(lotsOf(state.lots)).toMatchObject([
      { lotCode: 'A', onHand: 0, reserved: 0 },
      { lotCode: 'B', onHand: 3, reserved: 3 },
      { lotCode: 'C', onHand: 5, reserved: 0 },
    ]);
    expect(openOf(state.reservations, 1)).toBeUndefined();
    expect(openOf(state.reservations, 2)).toBeDefined();
  });

  test('first takes away what may not be used any more', () => {
    given(...reservedSeven, statusApplied('C', 'QUARANTINE'))
      .when(issueReserved(1), factsOf({}, { localDate: '2026-06-16' }))
      .then([issued('A', 5, ofFirst), issued('B', 2, ofFirst)]);
    const short = { expiresOn: '2026-06-15' };
    const expiring: History = [
      received('A', 5, 1, short),
      received('B', 9, 2),
      reserved(1, { A: 5, B: 2 }),
    ];
    given(...expiring)
      .when(issueReserved(1), facts)
      .then([issued('A', 5, ofFirst), issued('B', 2, ofFirst)]);
    given(...expiring)
      .when(issueReserved(1), factsOf({}, { localDate: '2026-06-16' }))
      .then([allocationsMoved(1, { A: 5 }, { B: 5 }, 'LOT_EXPIRED'), issued('B', 7, ofFirst)]);
  });

  test('and what remains of it is short where there is no other', () => {
    const expiring: History = [
      received('A', 5, 1, { expiresOn: '2026-06-15' }),
      received('B', 3, 2),
      reserved(1, { A: 5, B: 2 }),
    ];
    given(...expiring)
      .when(issueReserved(1), factsOf({}, { localDate: '2026-06-16' }))
      .then([allocationsMoved(1, { A: 5 }, { B: 1 }, 'LOT_EXPIRED'), issued('B', 3, ofFirst)]);
    given(...expiring)
      .when(issueReserved(1, { quantity: '4' }), factsOf({}, { localDate: '2026-06-16' }))
      .then('INSUFFICIENT_RESERVED_STOCK');
  });

  test('a named lot that has expired has no other', () => {
    given(
      received('A', 5, 1, { expiresOn: '2026-06-14' }),
      received('B', 9, 2),
      reserved(1, { A: 5, B: 1 }, { hard: true }),
    )
      .when(issueReserved(1), facts)
      .then([allocationsMoved(1, { A: 5 }, {}, 'LOT_EXPIRED'), issued('B', 1, ofFirst)]);
  });

  test('a rejected lot whose reservations were too many to be moved is never issued', () => {
    // Written by hand: the status alone, as if the moves of it had been left to this.
    given(...reservedSeven, statusApplied('A', 'REJECTED'))
      .when(issueReserved(1), facts)
      .then([
        allocationsMoved(1, { A: 5 }, { B: 3, C: 2 }, 'LOT_NOT_APPROVED'),
        issued('B', 5, ofFirst),
        issued('C', 2, ofFirst),
      ]);
  });

  test('what reservations that are over would free is there for what moves', () => {
    given(
      received('A', 5, 1, { expiresOn: '2026-06-14' }),
      received('B', 5, 2),
      reserved(1, { A: 5 }),
      reserved(2, { B: 5 }, { expiresAt: PASSED }),
    )
      .when(issueReserved(1), facts)
      .then([
        expired(2, { B: 5 }, PASSED),
        allocationsMoved(1, { A: 5 }, { B: 5 }, 'LOT_EXPIRED'),
        issued('B', 5, ofFirst),
      ]);
  });
});

describe('releasing', () => {
  test('everything', () => {
    given(...reservedSeven)
      .when(release(1), facts)
      .then([released(1, { A: 5, B: 2 })]);
  });

  test('in part, in the order of the allocations', () => {
    given(...reservedSeven)
      .when(release(1, { quantity: '6' }), facts)
      .then([released(1, { A: 5, B: 1 })]);
    given(...reservedSeven, released(1, { A: 5, B: 1 }))
      .when(release(1), facts)
      .then([released(1, { B: 1 })]);
  });

  test('what is short goes first', () => {
    const history: History = [...stocked, reserved(1, { A: 5 }, { short: 3 })];
    given(...history)
      .when(release(1, { quantity: '2' }), facts)
      .then([released(1, {}, 2)]);
    given(...history)
      .when(release(1, { quantity: '4' }), facts)
      .then([released(1, { A: 1 }, 3)]);
    given(...history)
      .when(release(1), facts)
      .then([released(1, { A: 5 }, 3)]);
  });

  test('what remains after a part was issued', () => {
    given(...reservedSeven, issued('A', 4, ofFirst))
      .when(release(1), facts)
      .then([released(1, { A: 1, B: 2 })]);
  });

  test('goes on while item and place are inactive', () => {
    given(...reservedSeven)
      .when(release(1), factsOf({ active: false }, { location: { active: false } }))
      .then([released(1, { A: 5, B: 2 })]);
  });

  test('frees it for others', () => {
    given(...stocked, reserved(1, { A: 5, B: 5, C: 5 }), released(1, { A: 5, B: 1 }))
      .when(reserve('6'), facts)
      .then([reserved(2, { A: 5, B: 1 })]);
  });
});

describe('extending', () => {
  const until: History = [...stocked, reserved(1, { A: 5 }, { expiresAt: LATER })];

  test.each([
    ['to later', '2026-06-15T12:00:00.001Z'],
    ['to sooner', '2026-06-15T10:00:00.001Z'],
    ['for ever', null],
  ])('%s', (_, expiresAt) => {
    given(...until)
      .when(extend(1, expiresAt), facts)
      .then([extended(1, expiresAt)]);
  });

  test('one that would not have ended', () => {
    given(...stocked, reserved(1, { A: 5 }))
      .when(extend(1, LATER), facts)
      .then([extended(1, LATER)]);
  });

  test('to what it is already changes nothing', () => {
    given(...until)
      .when(extend(1, LATER), facts)
      .thenNothing();
    given(...stocked, reserved(1, { A: 5 }))
      .when(extend(1, null), facts)
      .thenNothing();
  });

  test('moves its end: it is not over before, and over then', () => {
    const after = factsOf({}, { now: LATER });
    given(...until, extended(1, '2026-06-15T13:00:00.000Z'))
      .when(reserve('11'), after)
      .then('INSUFFICIENT_STOCK');
    given(...until, extended(1, null))
      .when(reserve('11'), after)
      .then('INSUFFICIENT_STOCK');
    given(...until, extended(1, '2026-06-15T11:00:00.000Z'))
      .when(reserve('11'), after)
      .then([expired(1, { A: 5 }, '2026-06-15T11:00:00.000Z'), reserved(2, { A: 5, B: 5, C: 1 })]);
  });
});

describe('what is asked of a reservation is refused', () => {
  const kinds: readonly [string, (ordinal: number) => StockCommand][] = [
    ['issue', (ordinal) => issueReserved(ordinal)],
    ['release', (ordinal) => release(ordinal)],
    ['extend', (ordinal) => extend(ordinal, LATER)],
  ];
  const over: History = [...stocked, reserved(1, { A: 5 }, { expiresAt: PASSED })];

  describe.each(kinds)('%s', (_kind, command) => {
    test.each<[string, History, StockCommand, StockCode]>([
      ['of a reservation that never was', stocked, command(1), 'RESERVATION_NOT_FOUND'],
      ['of the one after the last', reservedSeven, command(2), 'RESERVATION_NOT_FOUND'],
      ['of one that was released', ended, command(1), 'INSUFFICIENT_RESERVED_STOCK'],
      [
        'of one that was issued',
        [...reservedSeven, issued('A', 5, ofFirst), issued('B', 2, ofFirst)],
        command(1),
        'INSUFFICIENT_RESERVED_STOCK',
      ],
      [
        'of one that has expired',
        [...over, expired(1, { A: 5 }, PASSED)],
        command(1),
        'INSUFFICIENT_RESERVED_STOCK',
      ],
      [
        'of one whose time is over, though nobody wrote so yet',
        over,
        command(1),
        'INSUFFICIENT_RESERVED_STOCK',
      ],
      [
        'at that very instant',
        [...stocked, reserved(1, { A: 5 }, { expiresAt: NOW })],
        command(1),
        'INSUFFICIENT_RESERVED_STOCK',
      ],
    ])('%s', (_, history, asked, code) => {
      given(...history)
        .when(asked, facts)
        .then(code);
    });

    test.each([
      'nonsense',
      '',
      'TEA@NORTH.R0',
      'TEA@NORTH.R01',
      'TEA@NORTH.T1',
      'TEA@SOUTH.R1',
      '~54EA@NORTH.R1',
    ])('by the id %p', (reservationId) => {
      const { type, data } = command(1);
      given(...reservedSeven)
        .when({ type, data: { ...data, reservationId } } as StockCommand, facts)
        .then('RESERVATION_NOT_FOUND');
    });

    test.each<[string, ReturnType<typeof factsOf>, StockCode]>([
      ['of no item', factsOf({}, { item: null }), 'ITEM_NOT_FOUND'],
      ['of no place', factsOf({}, { location: null }), 'LOCATION_NOT_FOUND'],
      ['in books that are closed', factsOf({}, { closedThrough: '2026-06-30' }), 'PERIOD_CLOSED'],
    ])('%s', (_, itsFacts, code) => {
      given(...reservedSeven)
        .when(command(1), itsFacts)
        .then(code);
    });
  });

  test.each<[string, History, StockCommand, StockCode]>([
    [
      'to issue more than is allocated',
      reservedSeven,
      issueReserved(1, { quantity: '8' }),
      'INSUFFICIENT_RESERVED_STOCK',
    ],
    [
      'to issue what is short',
      [...stocked, reserved(1, { A: 5 }, { short: 2 })],
      issueReserved(1, { quantity: '6' }),
      'INSUFFICIENT_RESERVED_STOCK',
    ],
    [
      'to issue where everything is short',
      [...stocked, reserved(1, { A: 5 }, { short: 2 }), issued('A', 5, ofFirst)],
      issueReserved(1),
      'INSUFFICIENT_RESERVED_STOCK',
    ],
    [
      'to issue what was issued already',
      [...reservedSeven, issued('A', 5, ofFirst)],
      issueReserved(1, { quantity: '3' }),
      'INSUFFICIENT_RESERVED_STOCK',
    ],
    [
      'to release more than remains',
      reservedSeven,
      release(1, { quantity: '8' }),
      'INSUFFICIENT_RESERVED_STOCK',
    ],
    [
      'to release what was issued',
      [...reservedSeven, issued('A', 1, ofFirst)],
      release(1, { quantity: '7' }),
      'INSUFFICIENT_RESERVED_STOCK',
    ],
    ['to issue nothing', reservedSeven, issueReserved(1, { quantity: '0' }), 'QUANTITY_INVALID'],
    ['to issue less', reservedSeven, issueReserved(1, { quantity: '-1' }), 'QUANTITY_INVALID'],
    ['to release nothing', reservedSeven, release(1, { quantity: '0' }), 'QUANTITY_INVALID'],
    ['to release half', reservedSeven, release(1, { quantity: '.5' }), 'QUANTITY_INVALID'],
    ['to release a half', reservedSeven, release(1, { quantity: '0.5' }), 'QUANTITY_TOO_PRECISE'],
    [
      'to issue boxes',
      reservedSeven,
      issueReserved(1, { quantity: '1', unit: 'box' }),
      'UNIT_UNKNOWN',
    ],
    ['to extend into the past', reservedSeven, extend(1, PASSED), 'EXPIRES_AT_PASSED'],
    ['to extend until now', reservedSeven, extend(1, NOW), 'EXPIRES_AT_PASSED'],
    [
      'the reservation before the quantity',
      stocked,
      release(9, { quantity: '0' }),
      'RESERVATION_NOT_FOUND',
    ],
    [
      'the quantity before what has ended',
      ended,
      release(1, { quantity: '0' }),
      'QUANTITY_INVALID',
    ],
    ['the reservation before its time', stocked, extend(9, PASSED), 'RESERVATION_NOT_FOUND'],
  ])('%s', (_, history, command, code) => {
    given(...history)
      .when(command, facts)
      .then(code);
  });
});
