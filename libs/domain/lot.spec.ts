import { givenFor, stateAfter } from '../../test/support/given';
import { lot, type LotCode, type LotCommand, type LotEvent } from './lot';
import { QC_STATUSES, type QcStatus } from './stock';

const given = givenFor(lot);
const named = { sku: 'RICE', lotCode: 'L-1' };
const approved = { qcStatus: 'APPROVED', expiresOn: '2027-02-28' } as const;
const quarantined = { qcStatus: 'QUARANTINE', expiresOn: '2027-02-28' } as const;
const rejected = { qcStatus: 'REJECTED', expiresOn: '2027-02-28' } as const;
const origin = {
  supplierLot: 'ACME-77',
  manufacturedOn: '2026-02-01',
  parentLots: ['PADDY.P-1', 'PADDY.P-2'],
};
const unknownOrigin = { supplierLot: null, manufacturedOn: null, parentLots: [] };

interface Standing {
  readonly qcStatus: QcStatus;
  readonly expiresOn: string | null;
}
const registeredAs = (standing: Standing): LotEvent => ({
  type: 'LotRegistered',
  data: { ...named, location: 'MAIN', ...standing, ...unknownOrigin },
});
const notedAt = (
  location: string,
  standing: Standing = approved,
  { qcStatus: notedAs, expiresOn: notedExpiry }: Standing = standing,
): LotEvent => ({
  type: 'LotNotedAt',
  data: { ...named, location, ...standing, notedAs, notedExpiry },
});
const describedAs = (said: Partial<typeof origin>): LotEvent => ({
  type: 'LotDescribed',
  data: { ...named, ...unknownOrigin, ...said },
});
const TYPES = {
  APPROVED: 'LotApproved',
  REJECTED: 'LotRejected',
  RECALLED: 'LotRecalled',
} as const;
/** The event that a decision for a status makes. */
const becomes = (
  qcStatus: QcStatus,
  locations: readonly string[] = ['MAIN'],
  inspector: string | null = null,
): LotEvent => {
  const data = { ...named, qcStatus, expiresOn: approved.expiresOn, locations, inspector };
  return qcStatus === 'QUARANTINE'
    ? { type: 'LotQuarantined', data: { ...data, cause: 'DECISION' } }
    : { type: TYPES[qcStatus], data };
};
const quarantinedByReceipt = (locations: readonly string[]): LotEvent => ({
  type: 'LotQuarantined',
  data: { ...named, ...quarantined, locations, inspector: null, cause: 'RECEIPT' },
});

type Note = Extract<LotCommand, { type: 'NoteLotAt' }>['data'];
const note = (location: string, data: Partial<Note> = {}): LotCommand => ({
  type: 'NoteLotAt',
  data: { ...named, location, receivedAs: approved, ...data },
});
const decide = (status: QcStatus, inspector?: string): LotCommand => ({
  type: 'DecideLot',
  data: { ...named, status, ...(inspector !== undefined && { inspector }) },
});
const correct = (expiresOn: string | null): LotCommand => ({
  type: 'CorrectLotExpiry',
  data: { ...named, expiresOn },
});

describe('a lot comes to a place', () => {
  test('the first time: it is registered as it was received', () => {
    given()
      .when(note('MAIN', { receivedAs: quarantined, ...origin }), null)
      .then([
        {
          type: 'LotRegistered',
          data: { ...named, location: 'MAIN', ...quarantined, ...origin },
        },
      ]);
  });

  test('without a word on where it comes from', () => {
    const expiresOn = null;
    given()
      .when(note('MAIN', { receivedAs: { qcStatus: 'APPROVED', expiresOn } }), null)
      .then([registeredAs({ qcStatus: 'APPROVED', expiresOn })]);
  });

  test('the first receipt demands quality control: registered in quarantine, nothing more', () => {
    given()
      .when(note('MAIN', { receivedAs: quarantined, demandsQc: true }), null)
      .then([registeredAs(quarantined)]);
  });

  test('a further place', () => {
    given(registeredAs(approved))
      .when(note('NORTH'), null)
      .then([notedAt('NORTH')]);
  });

  test('a further place that took it for something else: the event tells both', () => {
    given(registeredAs(quarantined), becomes('REJECTED'))
      .when(note('NORTH', { receivedAs: { qcStatus: 'APPROVED', expiresOn: null } }), null)
      .then([notedAt('NORTH', rejected, { qcStatus: 'APPROVED', expiresOn: null })]);
  });

  test.each<[string, readonly LotEvent[], LotCommand]>([
    ['its first place', [registeredAs(approved)], note('MAIN')],
    ['a noted place', [registeredAs(approved), notedAt('NORTH')], note('NORTH')],
    [
      'a known place, told of the same origin',
      [registeredAs(approved), describedAs(origin)],
      note('MAIN', origin),
    ],
    [
      'a known place, told of another origin: the first word stands',
      [registeredAs(approved), describedAs(origin)],
      note('MAIN', { supplierLot: 'OTHER-1', manufacturedOn: '2026-02-02' }),
    ],
  ])('%s: nothing', (_, history, command) => {
    given(...history)
      .when(command, null)
      .thenNothing();
  });

  test.each<[string, readonly LotEvent[], Standing, Standing]>([
    ['an approved lot', [registeredAs(approved)], approved, quarantined],
    ['a rejected lot', [registeredAs(quarantined), becomes('REJECTED')], rejected, approved],
    [
      'a lot of another expiry',
      [registeredAs(approved)],
      approved,
      { ...approved, expiresOn: null },
    ],
  ])('a known place that took %s for something else is noted again', (_, history, is, took) => {
    given(...history)
      .when(note('MAIN', { receivedAs: took }), null)
      .then([notedAt('MAIN', is, took)]);
    expect(stateAfter(lot, [...history, notedAt('MAIN', is, took)])).toStrictEqual(
      stateAfter(lot, history),
    );
  });

  test.each<[string, readonly LotEvent[], Standing]>([
    ['quarantined', [registeredAs(quarantined)], quarantined],
    ['rejected', [registeredAs(quarantined), becomes('REJECTED')], rejected],
    [
      'recalled',
      [registeredAs(quarantined), becomes('RECALLED')],
      { ...rejected, qcStatus: 'RECALLED' },
    ],
  ])(
    'a demand for quality control of a %s lot changes it in nothing, and leaves its mark',
    (_, history, is) => {
      const demand = note('MAIN', { receivedAs: quarantined, demandsQc: true });
      const mark = notedAt('MAIN', is, quarantined);
      given(...history)
        .when(demand, null)
        .then([mark]);
      expect(stateAfter(lot, [...history, mark])).toEqual(stateAfter(lot, history));
    },
  );

  test('a receipt that demands quality control takes an approved lot back into quarantine, everywhere', () => {
    given(registeredAs(approved), notedAt('NORTH'))
      .when(note('NORTH', { receivedAs: quarantined, demandsQc: true }), null)
      .then([quarantinedByReceipt(['MAIN', 'NORTH'])]);
  });

  test('at a further place too, which never hears that the lot was approved', () => {
    given(registeredAs(approved))
      .when(note('SOUTH', { receivedAs: quarantined, demandsQc: true }), null)
      .then([quarantinedByReceipt(['MAIN', 'SOUTH'])]);
  });

  test('goods that were in quarantine elsewhere demand nothing of an approved lot', () => {
    given(registeredAs(quarantined), becomes('APPROVED'))
      .when(note('NORTH', { receivedAs: quarantined }), null)
      .then([notedAt('NORTH', approved, quarantined)]);
  });

  test('a rejected lot stays rejected at a further place, whatever its receipt demands', () => {
    given(registeredAs(quarantined), becomes('REJECTED'))
      .when(note('NORTH', { receivedAs: quarantined, demandsQc: true }), null)
      .then([notedAt('NORTH', rejected, quarantined)]);
  });
});

/** How to bring a lot into each status. */
const HISTORIES: Readonly<Record<QcStatus, readonly LotEvent[]>> = {
  QUARANTINE: [registeredAs(quarantined)],
  APPROVED: [registeredAs(approved)],
  REJECTED: [registeredAs(quarantined), becomes('REJECTED')],
  RECALLED: [registeredAs(approved), becomes('RECALLED')],
};
const LEGAL: readonly (readonly [QcStatus, QcStatus])[] = [
  ['QUARANTINE', 'APPROVED'],
  ['QUARANTINE', 'REJECTED'],
  ['QUARANTINE', 'RECALLED'],
  ['APPROVED', 'QUARANTINE'],
  ['APPROVED', 'RECALLED'],
  ['REJECTED', 'QUARANTINE'],
  ['RECALLED', 'QUARANTINE'],
];
const ILLEGAL: readonly (readonly [QcStatus, QcStatus])[] = [
  ['APPROVED', 'REJECTED'],
  ['REJECTED', 'APPROVED'],
  ['REJECTED', 'RECALLED'],
  ['RECALLED', 'APPROVED'],
  ['RECALLED', 'REJECTED'],
];

describe('quality control decides', () => {
  test.each(LEGAL)('%s -> %s', (from, to) => {
    given(...HISTORIES[from])
      .when(decide(to, 'inspector-7'), null)
      .then([becomes(to, ['MAIN'], 'inspector-7')]);
  });

  test.each(ILLEGAL)('%s -> %s is refused, with the way that is allowed', (from, to) => {
    given(...HISTORIES[from])
      .when(decide(to), null)
      .then('LOT_TRANSITION_NOT_ALLOWED');
    const verdict = lot.decide(decide(to), stateAfter(lot, HISTORIES[from]), null);
    expect(verdict).toMatchObject({
      refusal: {
        detail: `lot L-1 of RICE is ${from} and cannot become ${to} at once; put it into QUARANTINE first`,
      },
    });
  });

  test.each(QC_STATUSES)('%s again changes nothing', (status) => {
    given(...HISTORIES[status])
      .when(decide(status, 'inspector-7'), null)
      .thenNothing();
  });

  test('every pair of statuses has its case', () => {
    expect(LEGAL.length + ILLEGAL.length + QC_STATUSES.length).toBe(QC_STATUSES.length ** 2);
  });

  test('the event names every place of the lot, in the order they became known', () => {
    given(registeredAs(approved), notedAt('NORTH'), notedAt('EAST'))
      .when(decide('RECALLED'), null)
      .then([becomes('RECALLED', ['MAIN', 'NORTH', 'EAST'])]);
  });

  test('places that a quarantining receipt brought are named too', () => {
    given(registeredAs(approved), quarantinedByReceipt(['MAIN', 'NORTH']))
      .when(decide('APPROVED'), null)
      .then([becomes('APPROVED', ['MAIN', 'NORTH'])]);
  });

  test('out of quarantine, back, and out again', () => {
    given(
      registeredAs(quarantined),
      becomes('APPROVED'),
      becomes('RECALLED'),
      becomes('QUARANTINE'),
    )
      .when(decide('APPROVED'), null)
      .then([becomes('APPROVED')]);
  });
});

describe('an expiry is corrected', () => {
  test.each<[string, string | null, string | null]>([
    ['to an earlier day', '2027-02-28', '2027-01-31'],
    ['to a later day', '2027-02-28', '2028-02-29'],
    ['away', '2027-02-28', null],
    ['where there was none', null, '2027-02-28'],
  ])('%s', (_, was, expiresOn) => {
    given(registeredAs({ qcStatus: 'APPROVED', expiresOn: was }), notedAt('NORTH'))
      .when(correct(expiresOn), null)
      .then([
        {
          type: 'LotExpiryCorrected',
          data: { ...named, qcStatus: 'APPROVED', expiresOn, locations: ['MAIN', 'NORTH'], was },
        },
      ]);
  });

  test('of a recalled lot, which stays recalled', () => {
    given(registeredAs(approved), becomes('RECALLED'))
      .when(correct(null), null)
      .then([
        {
          type: 'LotExpiryCorrected',
          data: {
            ...named,
            qcStatus: 'RECALLED',
            expiresOn: null,
            locations: ['MAIN'],
            was: '2027-02-28',
          },
        },
      ]);
  });

  test('a later decision tells the corrected expiry', () => {
    const corrected: LotEvent = {
      type: 'LotExpiryCorrected',
      data: { ...named, ...approved, expiresOn: '2027-01-31', locations: ['MAIN'], was: null },
    };
    given(registeredAs(approved), corrected)
      .when(decide('RECALLED'), null)
      .then([
        {
          type: 'LotRecalled',
          data: {
            ...named,
            qcStatus: 'RECALLED',
            expiresOn: '2027-01-31',
            locations: ['MAIN'],
            inspector: null,
          },
        },
      ]);
  });

  test.each<[string | null]>([['2027-02-28'], [null]])('%s as it is: nothing', (expiresOn) => {
    given(registeredAs({ qcStatus: 'APPROVED', expiresOn }))
      .when(correct(expiresOn), null)
      .thenNothing();
  });
});

describe('a lot that nobody has received', () => {
  test.each<[string, LotCommand, LotCode]>([
    ...QC_STATUSES.map((status): [string, LotCommand, LotCode] => [
      `cannot become ${status}`,
      decide(status),
      'LOT_NOT_FOUND',
    ]),
    ['has no expiry to correct', correct('2027-01-31'), 'LOT_NOT_FOUND'],
    ['nor one to take away', correct(null), 'LOT_NOT_FOUND'],
  ])('%s', (_, command, code) => {
    given().when(command, null).then(code);
  });
});

describe('where a lot comes from', () => {
  const registered: LotEvent = {
    type: 'LotRegistered',
    data: { ...named, location: 'MAIN', ...quarantined, ...origin },
  };

  test('a later receipt tells what the first one did not', () => {
    given(registeredAs(approved))
      .when(note('MAIN', origin), null)
      .then([describedAs(origin)]);
  });

  test('only what is new is told: further parents, whatever else is said again', () => {
    given(registered)
      .when(
        note('MAIN', {
          receivedAs: quarantined,
          ...origin,
          parentLots: ['PADDY.P-2', 'PADDY.P-3'],
        }),
        null,
      )
      .then([describedAs({ parentLots: ['PADDY.P-3'] })]);
  });

  test('at a further place, both', () => {
    given(registeredAs(approved))
      .when(note('NORTH', { manufacturedOn: '2026-02-01' }), null)
      .then([describedAs({ manufacturedOn: '2026-02-01' }), notedAt('NORTH')]);
  });

  test('with a receipt that demands quality control, both', () => {
    given(registeredAs(approved))
      .when(note('MAIN', { supplierLot: 'ACME-77', demandsQc: true }), null)
      .then([describedAs({ supplierLot: 'ACME-77' }), quarantinedByReceipt(['MAIN'])]);
  });

  test('is kept through everything that is decided about it', () => {
    const history = [
      registered,
      describedAs({ parentLots: ['PADDY.P-3'] }),
      becomes('APPROVED'),
      notedAt('NORTH'),
    ];
    expect(stateAfter(lot, history)).toStrictEqual({
      ...named,
      ...approved,
      ...origin,
      parentLots: ['PADDY.P-1', 'PADDY.P-2', 'PADDY.P-3'],
      locations: ['MAIN', 'NORTH'],
    });
  });
});

describe('at more places than one event may name', () => {
  const places = (count: number): string[] =>
    Array.from({ length: count }, (_, n) => (n === 0 ? 'MAIN' : `SHOP-${n}`));
  const known = (count: number, standing: Standing = approved): LotEvent[] => [
    registeredAs(standing),
    ...places(count)
      .slice(1)
      .map((place) => notedAt(place, standing)),
  ];

  test('200 are named by one event', () => {
    given(...known(200))
      .when(decide('RECALLED'), null)
      .then([becomes('RECALLED', places(200))]);
  });

  test.each(QC_STATUSES.filter((status) => status !== 'QUARANTINE'))(
    'one more takes a second event of the same command: %s',
    (status) => {
      given(...known(201, quarantined))
        .when(decide(status, 'i-7'), null)
        .then([becomes(status, places(200), 'i-7'), becomes(status, ['SHOP-200'], 'i-7')]);
    },
  );

  test('so does an expiry that is corrected', () => {
    const corrected = (locations: readonly string[]): LotEvent => ({
      type: 'LotExpiryCorrected',
      data: { ...named, ...approved, expiresOn: null, locations, was: approved.expiresOn },
    });
    given(...known(401))
      .when(correct(null), null)
      .then([
        corrected(places(200)),
        corrected(places(400).slice(200)),
        corrected(places(401).slice(400)),
      ]);
  });

  test('a receipt that demands quality control has its own place among them', () => {
    given(...known(200))
      .when(note('NORTH', { demandsQc: true }), null)
      .then([quarantinedByReceipt(places(200)), quarantinedByReceipt(['NORTH'])]);
  });

  test('the lot still knows all of them after a decision in parts', () => {
    const recalled = [becomes('RECALLED', places(200)), becomes('RECALLED', ['SHOP-200'])];
    expect(stateAfter(lot, [...known(201), ...recalled])).toMatchObject({
      qcStatus: 'RECALLED',
      locations: places(201),
    });
  });

  test('what it was decided to be already changes nothing at any of them', () => {
    given(...known(201))
      .when(decide('APPROVED'), null)
      .thenNothing();
  });
});
