import { recorded } from '../../test/support/histories';
import type { InventoryEvent } from '../domain';
import { type EventType, foldEvents, type Row } from '.';
import { lots } from './lots';

const sku = 'A-1';
const lot = { sku, lotCode: 'L1' };

let place = 0;
beforeEach(() => {
  place = 0;
});
const event = (type: EventType, data: object, metadata = {}): InventoryEvent =>
  recorded({ type, data }, 'any', 'any-stream', place, place++, metadata);

const received = (data = {}, effectiveAt = '2026-02-01T00:00:00.000Z'): InventoryEvent =>
  event(
    'StockReceived.v2',
    {
      ...lot,
      location: 'MAIN',
      unit: 'kg',
      decimals: 3,
      reference: null,
      quantity: 1_250,
      purpose: 'PURCHASE',
      expiresOn: '2027-01-31',
      qcStatus: 'APPROVED',
      unitCost: null,
      ...data,
    },
    { effectiveAt },
  );

/** The rows that a history leaves. */
function rows(...events: InventoryEvent[]): readonly (Row | undefined)[] {
  const folded = foldEvents(lots, () => undefined, events);
  expect(folded.failure).toBeUndefined();
  return [...folded.rows.values()];
}

const standing = { qcStatus: 'QUARANTINE', expiresOn: '2027-01-31' };
const origin = { supplierLot: 'S-9', manufacturedOn: '2025-12-01', parentLots: ['P.1', 'P.2'] };
const told = { supplier_lot: 'S-9', manufactured_on: '2025-12-01', parent_lots: ['P.1', 'P.2'] };
const lotRegistered = (): InventoryEvent =>
  event('LotRegistered', { ...lot, location: 'MAIN', ...standing, ...origin });
const lotNoted = (location: string): InventoryEvent =>
  event('LotNotedAt', {
    ...lot,
    location,
    ...standing,
    notedAs: 'APPROVED',
    notedExpiry: null,
  });
const unjudged = {
  supplier_lot: null,
  manufactured_on: null,
  parent_lots: [],
  locations: [],
  lot_revision: null,
};

test('StockReceived.v2: a lot over all places, with the earlier expiry and the stricter status', () => {
  const here = received();
  const elsewhere = received(
    { location: 'NORTH', quantity: 50, expiresOn: '2026-12-01', qcStatus: 'QUARANTINE' },
    '2026-01-15T00:00:00.000Z',
  );
  const after = received({ expiresOn: null });
  expect(rows(here, elsewhere, after)).toEqual([
    {
      sku,
      lot_code: 'L1',
      expires_on: '2026-12-01',
      qc_status: 'QUARANTINE',
      ...unjudged,
      received: 2_550,
      first_received_at: '2026-01-15T00:00:00.000Z',
      last_received_at: '2026-02-01T00:00:00.000Z',
      unit: 'kg',
      decimals: 3,
      position: 1_634,
    },
  ]);
});

test('StockReturned: what comes back counts as received', () => {
  const { data, metadata } = received({ quantity: 50 }, '2026-03-01T00:00:00.000Z');
  const returned = event('StockReturned', data, metadata);
  expect(rows(received(), returned)).toMatchObject([
    { received: 1_300, last_received_at: '2026-03-01T00:00:00.000Z', qc_status: 'APPROVED' },
  ]);
});

test('LotRegistered: its own stream has the word, whatever the receipts say', () => {
  const receipt = received({ qcStatus: 'APPROVED', expiresOn: '2030-01-01' });
  const [before] = rows(receipt);
  expect(rows(receipt, lotRegistered())).toEqual([
    {
      ...before,
      expires_on: '2027-01-31',
      qc_status: 'QUARANTINE',
      supplier_lot: 'S-9',
      manufactured_on: '2025-12-01',
      parent_lots: ['P.1', 'P.2'],
      locations: ['MAIN'],
      lot_revision: 1,
      position: 1_317,
    },
  ]);
});

test('StockReceived.v2: of a lot that has a stream says only how much came', () => {
  const [before] = rows(received(), lotRegistered());
  place = 0;
  const receipt = { qcStatus: 'APPROVED', expiresOn: '2026-06-01', quantity: 50 };
  expect(rows(received(), lotRegistered(), received(receipt))).toEqual([
    { ...before, received: 1_300, position: 1_634 },
  ]);
});

test('LotNotedAt: a further place', () => {
  expect(rows(received(), lotRegistered(), lotNoted('NORTH'))).toMatchObject([
    { ...told, qc_status: 'QUARANTINE', locations: ['MAIN', 'NORTH'] },
  ]);
});

test.each<[EventType, object, Partial<Row>]>([
  ['LotApproved', { qcStatus: 'APPROVED', inspector: 'i' }, { qc_status: 'APPROVED' }],
  ['LotRejected', { qcStatus: 'REJECTED', inspector: null }, { qc_status: 'REJECTED' }],
  ['LotRecalled', { qcStatus: 'RECALLED', inspector: null }, { qc_status: 'RECALLED' }],
  ['LotQuarantined', { inspector: null, cause: 'RECEIPT' }, { qc_status: 'QUARANTINE' }],
  ['LotExpiryCorrected', { expiresOn: null, was: '2027-01-31' }, { expires_on: null }],
])('%s: what the lot is from here on, and where', (type, data, changed) => {
  const locations = ['MAIN', 'NORTH'];
  const said = event(type, { ...lot, ...standing, locations, ...data });
  expect(rows(received(), lotRegistered(), said)).toMatchObject([
    { ...told, ...changed, locations, received: 1_250, lot_revision: 0 },
  ]);
});

test('LotDescribed: what a later receipt knew more of; the first word stands', () => {
  const more = { supplierLot: 'OTHER', manufacturedOn: '2020-01-01', parentLots: ['P.3'] };
  const described = event('LotDescribed', { ...lot, ...more });
  expect(rows(received(), lotRegistered(), described)).toMatchObject([
    { ...told, parent_lots: ['P.1', 'P.2', 'P.3'], qc_status: 'QUARANTINE', lot_revision: 0 },
  ]);
  const unknown = { supplierLot: null, manufacturedOn: null, parentLots: [] };
  const registered = event('LotRegistered', { ...lot, location: 'MAIN', ...standing, ...unknown });
  expect(rows(received(), registered, described)).toMatchObject([
    { supplier_lot: 'OTHER', manufactured_on: '2020-01-01', parent_lots: ['P.3'] },
  ]);
});

test('tells of a lot that no receipt told of', () => {
  expect(rows(lotRegistered())).toMatchObject([
    { sku, lot_code: 'L1', qc_status: 'QUARANTINE', locations: ['MAIN'], received: 0 },
  ]);
});

test('knows nothing of the pool', () => {
  expect(rows(received({ lotCode: null }))).toEqual([]);
});
