import { recorded } from '../../test/support/histories';
import { stock, type InventoryEvent, type ThresholdKind } from '../domain';
import { type EventType, foldEvents, type Row, tableOf, type View, views } from '.';

const view = (name: string): View => views.find((each) => each.name === name)!;

const sku = 'A-1';
const details = {
  name: 'Bolt',
  description: 'M6',
  category: 'Hardware',
  attributes: { Color: 'Black' },
  aliases: ['B-1'],
  barcodes: ['4006381333931'],
  suppliers: [{ supplier: 'Nuts & Co', supplierSku: null, leadTimeDays: 3 }],
  tracking: 'none',
  qcRequired: false,
  allocationPolicy: 'FEFO',
  units: [{ unit: 'box', numerator: 12, denominator: 1 }],
  countVarianceLimit: 250,
};
const moved = { sku, location: 'MAIN', lotCode: 'L1', unit: 'kg', decimals: 3, reference: 'PO 7' };

let place = 0;
const event = (type: EventType, data: object, metadata = {}): InventoryEvent =>
  recorded({ type, data }, 'any', 'any-stream', place, place++, metadata);

beforeEach(() => {
  place = 0;
});

const registered = (): InventoryEvent =>
  event('ItemRegistered.v2', { sku, unit: 'kg', decimals: 3, ...details });
const threshold = (
  location: string | null,
  units: number | null,
  kind: ThresholdKind = 'REORDER',
  metadata = {},
): InventoryEvent =>
  event(
    'ThresholdSet',
    { sku, location, kind, threshold: units, unit: 'kg', decimals: 3 },
    metadata,
  );
const located = (): InventoryEvent =>
  event('LocationRegistered', {
    code: 'MAIN',
    name: 'Main',
    kind: 'WAREHOUSE',
    parent: null,
    timeZone: 'UTC',
  });
const received = (data = {}, effectiveAt = '2026-02-01T00:00:00.000Z'): InventoryEvent =>
  event(
    'StockReceived.v2',
    {
      ...moved,
      entered: null,
      lotRevision: null,
      supplierLot: null,
      manufacturedOn: null,
      parentLots: [],
      qcRequired: false,
      quantity: 1_250,
      purpose: 'PURCHASE',
      expiresOn: '2027-01-31',
      qcStatus: 'APPROVED',
      unitCost: { amount: '2.5000', currency: 'EUR' },
      ...data,
    },
    { effectiveAt, reason: 'delivery' },
  );
const issued = (quantity: number, effectiveAt = '2026-03-01T00:00:00.000Z'): InventoryEvent =>
  event(
    'StockIssued.v2',
    { ...moved, quantity, purpose: 'SALE', entered: null, reservationId: null, fromHold: 0 },
    { effectiveAt },
  );
const adjusted = (quantity: number, data = {}): InventoryEvent =>
  event('StockAdjusted.v2', {
    ...moved,
    quantity,
    purpose: 'DAMAGE',
    entered: null,
    fromHold: 0,
    ...data,
  });

/** The rows that a history leaves, as a table would hold them. */
function rows(name: string, ...events: InventoryEvent[]): readonly (Row | undefined)[] {
  const folded = foldEvents(view(name), () => undefined, events);
  expect(folded.failure).toBeUndefined();
  return view(name).kind === 'journal' ? folded.added : [...folded.rows.values()];
}

describe('items', () => {
  it('ItemRegistered.v2: the whole item', () => {
    expect(rows('items', registered())).toEqual([
      {
        sku,
        unit: 'kg',
        decimals: 3,
        name: 'Bolt',
        description: 'M6',
        category: 'Hardware',
        attributes: { Color: 'Black' },
        aliases: ['B-1'],
        barcodes: ['4006381333931'],
        suppliers: details.suppliers,
        tracking: 'none',
        qc_required: false,
        allocation_policy: 'FEFO',
        units: details.units,
        count_variance_limit: 250,
        active: true,
        safety_stock: null,
        reorder_threshold: null,
        maximum: null,
        registered_at: '2026-09-21T14:13:20.000Z',
        updated_at: '2026-09-21T14:13:20.000Z',
        revision: 0,
        position: 1_000,
      },
    ]);
  });

  it.each<[EventType, object, Partial<Row>]>([
    ['ItemUpdated', { sku, changes: { name: 'Nut' } }, { name: 'Nut', description: 'M6' }],
    [
      'ItemUpdated',
      { sku, changes: { qcRequired: true, allocationPolicy: 'LIFO', category: null } },
      { qc_required: true, allocation_policy: 'LIFO', category: null },
    ],
    [
      'ItemUpdated',
      { sku, changes: { units: [], countVarianceLimit: null } },
      { units: [], count_variance_limit: null },
    ],
    [
      'ThresholdSet',
      { sku, location: null, kind: 'REORDER', threshold: 500, unit: 'kg', decimals: 3 },
      { reorder_threshold: 500 },
    ],
    [
      'ThresholdSet',
      { sku, location: null, kind: 'SAFETY_STOCK', threshold: 0, unit: 'kg', decimals: 3 },
      { safety_stock: 0 },
    ],
    [
      'ThresholdSet',
      { sku, location: null, kind: 'MAXIMUM', threshold: 900, unit: 'kg', decimals: 3 },
      { maximum: 900 },
    ],
    [
      'ThresholdSet',
      { sku, location: 'MAIN', kind: 'REORDER', threshold: 500, unit: 'kg', decimals: 3 },
      { reorder_threshold: null },
    ],
    ['ItemDeactivated', { sku }, { active: false }],
    ['ItemReactivated', { sku }, { active: true }],
  ])('%s %j', (type, data, changed) => {
    const before = registered();
    const [row] = rows('items', before);
    expect(rows('items', before, event(type, data))).toEqual([
      {
        ...row,
        ...changed,
        updated_at: '2026-09-21T14:13:21.000Z',
        revision: 1,
        position: 1_317,
      },
    ]);
  });

  it('is active again after ItemReactivated', () => {
    const history = [
      registered(),
      event('ItemDeactivated', { sku }),
      event('ItemReactivated', { sku }),
    ];
    expect(rows('items', ...history)).toMatchObject([{ active: true, revision: 2 }]);
  });

  it('stops at a change of an item that was never registered', () => {
    const change = event('ItemDeactivated', { sku });
    const { rows: none, failure } = foldEvents(view('items'), () => undefined, [change]);
    expect(none.size).toBe(0);
    expect(failure).toEqual({ event: change, reason: expect.stringContaining('A-1') as string });
  });
});

describe('item_thresholds', () => {
  it('ThresholdSet: set, changed and taken away for one location', () => {
    expect(rows('item_thresholds', threshold('MAIN', 5))).toEqual([
      {
        sku,
        location: 'MAIN',
        safety_stock: null,
        reorder_threshold: 5,
        maximum: null,
        position: 1_000,
      },
    ]);
    expect(rows('item_thresholds', threshold('MAIN', 5), threshold('MAIN', 0))).toMatchObject([
      { reorder_threshold: 0 },
    ]);
    expect(rows('item_thresholds', threshold('MAIN', 5), threshold('MAIN', null))).toEqual([
      undefined,
    ]);
  });

  it('keeps each kind until it is taken away, and the row until the last one is', () => {
    const history = [
      threshold('MAIN', 5),
      threshold('MAIN', 2, 'SAFETY_STOCK'),
      threshold('MAIN', 40, 'MAXIMUM'),
      threshold('MAIN', null),
    ];
    expect(rows('item_thresholds', ...history)).toMatchObject([
      { safety_stock: 2, reorder_threshold: null, maximum: 40, position: 1_951 },
    ]);
    expect(
      rows(
        'item_thresholds',
        ...history,
        threshold('MAIN', null, 'MAXIMUM'),
        threshold('MAIN', null, 'SAFETY_STOCK'),
      ),
    ).toEqual([undefined]);
  });

  it('leaves the thresholds of the item itself to the items', () => {
    expect(rows('item_thresholds', threshold(null, 5), threshold(null, 9, 'MAXIMUM'))).toEqual([]);
  });
});

describe('threshold_history', () => {
  it('ThresholdSet: who, when, why, from what to what', () => {
    const times = { effectiveAt: '2026-02-01T00:00:00.000Z', reason: 'summer' };
    expect(rows('threshold_history', threshold('MAIN', 5, 'REORDER', times))).toEqual([
      {
        position: 1_000,
        sku,
        location: 'MAIN',
        kind: 'REORDER',
        was: null,
        threshold: 5,
        unit: 'kg',
        decimals: 3,
        reason: 'summer',
        actor: 'someone',
        command_id: '00000001-0000-4000-8000-000000000000',
        correlation_id: 'correlation',
        effective_at: '2026-02-01T00:00:00.000Z',
        recorded_at: '2026-09-21T14:13:20.000Z',
      },
    ]);
  });

  it('what it was is told of the same place and kind', () => {
    const history = [
      threshold(null, 10),
      threshold('MAIN', 5),
      threshold('MAIN', 2, 'SAFETY_STOCK'),
      threshold('MAIN', 8),
      threshold('MAIN', null),
      threshold('MAIN', 6),
      threshold(null, 11),
    ];
    const told = rows('threshold_history', ...history).map((row) => [
      row?.location,
      row?.kind,
      row?.was,
      row?.threshold,
    ]);
    expect(told).toEqual([
      ['', 'REORDER', null, 10],
      ['MAIN', 'REORDER', null, 5],
      ['MAIN', 'SAFETY_STOCK', null, 2],
      ['MAIN', 'REORDER', 5, 8],
      ['MAIN', 'REORDER', 8, null],
      ['MAIN', 'REORDER', null, 6],
      ['', 'REORDER', 10, 11],
    ]);
  });
});

describe('locations', () => {
  it('LocationRegistered: the whole location', () => {
    expect(rows('locations', located())).toEqual([
      {
        code: 'MAIN',
        name: 'Main',
        kind: 'WAREHOUSE',
        parent: null,
        time_zone: 'UTC',
        active: true,
        registered_at: '2026-09-21T14:13:20.000Z',
        updated_at: '2026-09-21T14:13:20.000Z',
        revision: 0,
        position: 1_000,
      },
    ]);
  });

  it.each<[EventType, object, Partial<Row>]>([
    [
      'LocationUpdated',
      { code: 'MAIN', changes: { timeZone: 'Europe/Berlin', parent: 'ALL' } },
      { time_zone: 'Europe/Berlin', parent: 'ALL', name: 'Main' },
    ],
    ['LocationDeactivated', { code: 'MAIN' }, { active: false }],
  ])('%s %j', (type, data, changed) => {
    const [row] = rows('locations', located());
    place = 1;
    expect(rows('locations', located(), event(type, data))).toMatchObject([
      { ...changed, name: row?.name, registered_at: '2026-09-21T14:13:21.000Z', revision: 2 },
    ]);
  });

  it('LocationReactivated: active again', () => {
    const code = { code: 'MAIN' };
    const history = [
      located(),
      event('LocationDeactivated', code),
      event('LocationReactivated', code),
    ];
    expect(rows('locations', ...history)).toMatchObject([{ active: true, revision: 2 }]);
  });
});

const sums = { transferred_in: 0, transferred_out: 0, reserved: 0, held: 0 };

describe('stock_levels', () => {
  it('StockReceived: a lot with its expiry and status', () => {
    expect(rows('stock_levels', received())).toEqual([
      {
        sku,
        location: 'MAIN',
        lot_code: 'L1',
        on_hand: 1_250,
        received: 1_250,
        issued: 0,
        adjusted: 0,
        ...sums,
        unit: 'kg',
        decimals: 3,
        qc_status: 'APPROVED',
        expires_on: '2027-01-31',
        received_at: '2026-02-01T00:00:00.000Z',
        last_movement_at: '2026-02-01T00:00:00.000Z',
        revision: 0,
        position: 1_000,
      },
    ]);
  });

  it('StockIssued: less on hand, received when it was', () => {
    expect(rows('stock_levels', received(), issued(250))).toMatchObject([
      {
        on_hand: 1_000,
        issued: 250,
        received_at: '2026-02-01T00:00:00.000Z',
        last_movement_at: '2026-03-01T00:00:00.000Z',
        qc_status: 'APPROVED',
        expires_on: '2027-01-31',
      },
    ]);
  });

  it('StockAdjusted: either way', () => {
    expect(rows('stock_levels', received(), adjusted(-50), adjusted(20))).toMatchObject([
      { on_hand: 1_220, adjusted: -30, received: 1_250 },
    ]);
  });

  it('begins anew where nothing was left, and keeps the oldest arrival where something was', () => {
    const later = received({}, '2026-05-01T00:00:00.000Z');
    expect(rows('stock_levels', received(), issued(1_250), later)).toMatchObject([
      { received_at: '2026-05-01T00:00:00.000Z' },
    ]);
    const earlier = received({}, '2026-01-01T00:00:00.000Z');
    expect(rows('stock_levels', received(), earlier)).toMatchObject([
      { received_at: '2026-01-01T00:00:00.000Z', last_movement_at: '2026-02-01T00:00:00.000Z' },
    ]);
  });

  it('LotStatusApplied before any goods: what is found there later has that status too', () => {
    const said = { sku, location: 'MAIN', lotCode: 'L1', unit: 'kg', decimals: 3, lotRevision: 2 };
    const rejected = (): InventoryEvent =>
      event('LotStatusApplied', { ...said, expiresOn: '2027-05-31', qcStatus: 'REJECTED' });
    const status = { qc_status: 'REJECTED', expires_on: '2027-05-31', unit: 'kg', decimals: 3 };
    expect(rows('stock_levels', rejected())).toMatchObject([
      { on_hand: 0, received: 0, ...status },
    ]);
    expect(rows('stock_levels', rejected(), adjusted(20))).toMatchObject([
      { on_hand: 20, adjusted: 20, ...status },
    ]);
    const early = received({ qcStatus: 'REJECTED' }, '2020-02-01T00:00:00.000Z');
    expect(rows('stock_levels', rejected(), early)).toMatchObject([
      { received_at: '2020-02-01T00:00:00.000Z', last_movement_at: '2020-02-01T00:00:00.000Z' },
    ]);
  });

  it('keeps stock without a lot code in the pool', () => {
    expect(rows('stock_levels', received({ lotCode: null, expiresOn: null }))).toMatchObject([
      { lot_code: '', expires_on: null },
    ]);
  });

  it('writes every instant in one form', () => {
    expect(rows('stock_levels', received({}, '2026-02-01T01:00:00+01:00'))).toMatchObject([
      { received_at: '2026-02-01T00:00:00.000Z' },
    ]);
  });
});

describe.each(['stock_by_location', 'stock_by_item'])('%s', (name) => {
  it('StockReceived, StockIssued, StockAdjusted: sums over the lots', () => {
    const here = received();
    const other = received({ lotCode: 'L2', quantity: 750 });
    expect(rows(name, here, other, issued(500), adjusted(-100))).toMatchObject([
      {
        sku,
        on_hand: 1_400,
        received: 2_000,
        issued: 500,
        adjusted: -100,
        ...sums,
        unit: 'kg',
        decimals: 3,
        last_movement_at: '2026-03-01T00:00:00.000Z',
        position: 1_951,
      },
    ]);
  });

  it('stays exact where sums pass 2^53', () => {
    const most = Number.MAX_SAFE_INTEGER;
    const history = [1, 2, 3].flatMap(() => [received({ quantity: most }), issued(most)]);
    expect(rows(name, ...history)).toMatchObject([
      { on_hand: 0, received: 27_021_597_764_222_973n, issued: 27_021_597_764_222_973n },
    ]);
  });

  it('stops where a sum would not fit into its column', () => {
    const most = Number.MAX_SAFE_INTEGER;
    const history = Array.from({ length: 1_100 }, () => [
      received({ quantity: most }),
      issued(most),
    ]).flat();
    const { failure } = foldEvents(view(name), () => undefined, history);
    expect(failure?.event).toBe(history[2 * 1_024]);
  });
});

describe('stock_by_location and stock_by_item', () => {
  it('keep places apart, or add them up', () => {
    const events = [received(), received({ location: 'NORTH', quantity: 1 })];
    expect(rows('stock_by_location', ...events)).toMatchObject([
      { location: 'MAIN', on_hand: 1_250 },
      { location: 'NORTH', on_hand: 1 },
    ]);
    expect(rows('stock_by_item', ...events)).toMatchObject([{ sku, on_hand: 1_251 }]);
  });
});

describe('ledger', () => {
  it('StockReceived: the movement, its cost and the balance it leaves', () => {
    expect(rows('ledger', received())).toEqual([
      {
        position: 1_000,
        movement_id: '00000002-0000-4000-8000-000000000000',
        stream: 'any-stream',
        revision: 0,
        sku,
        location: 'MAIN',
        lot_code: 'L1',
        type: 'RECEIVE',
        quantity: 1_250,
        balance: 1_250,
        line: 0,
        reserved: 0,
        document_id: null,
        reverses: null,
        unit: 'kg',
        decimals: 3,
        purpose: 'PURCHASE',
        reference: 'PO 7',
        reason: 'delivery',
        unit_cost: '2.5000',
        currency: 'EUR',
        actor: 'someone',
        command_id: '00000001-0000-4000-8000-000000000000',
        correlation_id: 'correlation',
        effective_at: '2026-02-01T00:00:00.000Z',
        recorded_at: '2026-09-21T14:13:20.000Z',
      },
    ]);
  });

  it('StockIssued, StockAdjusted: the effect with its sign, the balance in log order over all lots', () => {
    const here = received();
    const elsewhere = received({ location: 'NORTH' });
    const pool = received({ lotCode: null, quantity: 10 });
    expect(rows('ledger', here, elsewhere, pool, issued(60), adjusted(-100))).toMatchObject([
      { type: 'RECEIVE', quantity: 1_250, balance: 1_250 },
      { type: 'RECEIVE', quantity: 1_250, balance: 1_250, location: 'NORTH' },
      { type: 'RECEIVE', quantity: 10, balance: 1_260, lot_code: '' },
      { type: 'ISSUE', quantity: -60, balance: 1_200, unit_cost: null, reason: null },
      { type: 'ADJUST', quantity: -100, balance: 1_100, purpose: 'DAMAGE' },
    ]);
  });
});

describe('counts', () => {
  const count = { countId: 'A-1@MAIN.C1', sku, location: 'MAIN', lotCode: null, unit: 'kg' };
  const taken = { decimals: 3, kind: 'STOCKTAKE', blind: false, entered: null, counted: 5 };
  const ofAda = { ...count, ...taken, book: 7, countedAtRevision: 3, countedBy: 'ada' };

  it('tell the document behind them, which a decision without one leaves and a recount with another changes', () => {
    const submitted = event('CountSubmitted', { ...ofAda, reference: 'SHEET-7' });
    const rejected = event('CountRejected', ofAda, { actor: 'bob' });
    const recounted = event('CountSubmitted', { ...ofAda, reference: 'SHEET-8' });
    const applied = { ...ofAda, variance: -2, fromHold: 0, reference: null };
    const told = (...events: InventoryEvent[]) =>
      rows('counts', ...events).map((row) => [row?.status, row?.reference]);
    expect(told(submitted, rejected)).toEqual([['REJECTED', 'SHEET-7']]);
    expect(told(submitted, rejected, recounted)).toEqual([['PENDING', 'SHEET-8']]);
    expect(told(event('StockCounted', applied))).toEqual([['APPLIED', null]]);
  });
});

describe('periods', () => {
  it('PeriodClosed, PeriodReopened: through which day the books are closed, and were', () => {
    const first = event('PeriodClosed', { through: '2026-01-31', was: null }, { reason: 'done' });
    const second = event('PeriodClosed', { through: '2026-02-28', was: '2026-01-31' });
    const back = event('PeriodReopened', { from: '2026-02-15', was: '2026-02-28' });
    const [row, ...later] = rows('periods', first, second, back);
    expect(row).toEqual({
      position: 1_000,
      event_id: '00000002-0000-4000-8000-000000000000',
      revision: 0,
      type: 'CLOSE',
      closed_through: '2026-01-31',
      was_closed_through: null,
      reason: 'done',
      actor: 'someone',
      command_id: '00000001-0000-4000-8000-000000000000',
      correlation_id: 'correlation',
      effective_at: '2026-01-02T03:04:05.678Z',
      recorded_at: '2026-09-21T14:13:20.000Z',
    });
    expect(later).toMatchObject([
      {
        type: 'CLOSE',
        closed_through: '2026-02-28',
        was_closed_through: '2026-01-31',
        reason: null,
      },
      { type: 'REOPEN', closed_through: '2026-02-14', was_closed_through: '2026-02-28' },
    ]);
  });
});

describe('audit_log', () => {
  const cases: readonly [EventType, object, string | null, string | null][] = [
    ['ItemRegistered.v2', { sku, unit: 'kg', decimals: 3, ...details }, sku, null],
    ['ItemUpdated', { sku, changes: {} }, sku, null],
    ['ThresholdSet', { sku, location: 'MAIN', threshold: 1 }, sku, 'MAIN'],
    ['ThresholdSet', { sku, location: null, threshold: 1 }, sku, null],
    ['ItemDeactivated', { sku }, sku, null],
    ['ItemReactivated', { sku }, sku, null],
    ['LocationRegistered', { code: 'MAIN', name: 'Main' }, null, 'MAIN'],
    ['LocationUpdated', { code: 'MAIN', changes: {} }, null, 'MAIN'],
    ['LocationDeactivated', { code: 'MAIN' }, null, 'MAIN'],
    ['LocationReactivated', { code: 'MAIN' }, null, 'MAIN'],
    ['PeriodClosed', { through: '2026-02-28', was: null }, null, null],
    ['PeriodReopened', { from: '2026-02-01', was: '2026-02-28' }, null, null],
    ['LotRegistered', { sku, lotCode: 'L1', location: 'MAIN' }, sku, 'MAIN'],
    ['LotNotedAt', { sku, lotCode: 'L1', location: 'NORTH' }, sku, 'NORTH'],
    ['LotDescribed', { sku, lotCode: 'L1', parentLots: [] }, sku, null],
    ['LotApproved', { sku, lotCode: 'L1', locations: ['MAIN'] }, sku, null],
    ['LotRejected', { sku, lotCode: 'L1', locations: ['MAIN'] }, sku, null],
    ['LotQuarantined', { sku, lotCode: 'L1', locations: ['MAIN'] }, sku, null],
    ['LotRecalled', { sku, lotCode: 'L1', locations: ['MAIN'] }, sku, null],
    ['LotExpiryCorrected', { sku, lotCode: 'L1', locations: ['MAIN'] }, sku, null],
    ...Object.keys(stock.events).map((type): [EventType, object, string, string] => [
      type as EventType,
      { ...moved, quantity: 1 },
      sku,
      'MAIN',
    ]),
  ];

  it('has a case for every event type', () => {
    expect([...new Set(cases.map(([type]) => type))].sort()).toEqual(
      Object.keys(view('audit_log').handles).sort(),
    );
  });

  it.each(cases)('%s %j: who, what, when, where, why', (type, data, about, where) => {
    expect(rows('audit_log', event(type, data, { reason: 'because' }))).toEqual([
      {
        position: 1_000,
        event_id: '00000002-0000-4000-8000-000000000000',
        stream: 'any-stream',
        category: 'any',
        revision: 0,
        type,
        sku: about,
        location: where,
        actor: 'someone',
        reason: 'because',
        command_id: '00000001-0000-4000-8000-000000000000',
        command_hash: 'ab'.repeat(32),
        correlation_id: 'correlation',
        causation_id: 'causation',
        effective_at: '2026-01-02T03:04:05.678Z',
        recorded_at: '2026-09-21T14:13:20.000Z',
        data,
      },
    ]);
  });
});

describe('the views', () => {
  it('have names of their own, and a table for each version', () => {
    expect(new Set(views.map(tableOf)).size).toBe(views.length);
    expect(views.map(tableOf)).toContain('locations_v1');
  });
});
