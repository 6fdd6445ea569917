import type { Command } from 'commander';
import { commandGroup, filteredList, type Narrowing } from './client-command';

const STATES = ['OUT_OF_STOCK', 'BELOW_SAFETY_STOCK', 'BELOW_REORDER', 'ABOVE_MAXIMUM'];
const RISKS = ['LOT_NOT_APPROVED', 'LOT_EXPIRED', 'LOT_EXPIRES', 'RESERVATION_EXPIRES'];

const OF_ITEM: Narrowing = ['--sku <sku>', 'of this item'];
const AT: Narrowing = ['--location <code>', 'at this location'];
const OF_LOT: Narrowing = ['--lot <code>', 'of this lot', { field: 'lotCode' }];
const STOCK = [OF_ITEM, ['--category <category>', 'of items of this category'], AT] as const;
const DEMAND = [
  OF_ITEM,
  AT,
  ['--batch-id <text>', 'for this batch'],
  ['--reference <text>', 'for this document'],
] as const;

const SUMS = ['onHand', 'reserved', 'available', 'received', 'issued', 'adjusted', 'unit'];
const SHORT = ['state', 'threshold', 'onHand', 'available', 'shortBy', 'unit'];
const RESERVED = ['reservationId', 'sku', 'location'];
const LATE = ['effectiveAt', 'recordedAt', 'cause', 'closedThrough', 'closedAt', 'type'];
const MOVED = ['sku', 'location', 'lotCode', 'quantity', 'unit', 'reason', 'actor'];

export const reportCommand = (): Command =>
  commandGroup('report', 'reports over the whole stock', [
    report('inventory', 'every item with its stock', STOCK, ['sku', 'name', 'location', ...SUMS]),
    report(
      'low-stock',
      'active items at or below their reorder threshold, or in a state',
      [...STOCK, ['--state <state>', 'only what is in this state', { choices: STATES }]],
      ['sku', 'name', 'location', ...SHORT],
    ),
    report(
      'in-transit',
      'what has left one location and is not yet at another',
      [
        OF_ITEM,
        ['--from <code>', 'sent from this location'],
        ['--to <code>', 'sent to this location'],
        OF_LOT,
      ],
      ['sku', 'name', 'from', 'to', 'lotCode', 'quantity', 'unit', 'since'],
    ),
    report('shortages', 'reservations for which something is missing, oldest first', DEMAND, [
      ...RESERVED,
      ...['name', 'short', 'totalQuantity', 'available', 'unit', 'batchId', 'reference'],
    ]),
    report(
      'at-risk',
      'allocations in lots that may not be used, or soon may not, and of reservations that soon end',
      [
        ...DEMAND,
        OF_LOT,
        ['--risk <risk>', 'at this risk only', { choices: RISKS }],
        ['--before <date>', 'that end before this day (default: 7 days ahead)'],
      ],
      [
        ...RESERVED,
        ...['lotCode', 'risk', 'quantity', 'unit', 'qcStatus', 'expiresOn', 'expiresAt'],
      ],
      'reservations-at-risk',
    ),
    report(
      'restatements',
      'movements of closed days that came after the closing',
      [['--through <date>', 'of this day of UTC or earlier'], OF_ITEM, AT],
      [...LATE, ...MOVED],
    ),
  ]);

const report = (
  name: string,
  description: string,
  filters: readonly Narrowing[],
  columns: readonly string[],
  path = name,
): Command => filteredList(name, description, `/api/v1/reports/${path}`, filters, columns);
