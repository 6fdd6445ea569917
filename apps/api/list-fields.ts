import { SUMS } from './present';

/** The columns of each list as CSV: the fields of its rows, in their order. */

export const ITEM_FIELDS = [
  'sku',
  'id',
  'code',
  'name',
  'description',
  'category',
  'unit',
  'decimals',
  'attributes',
  'aliases',
  'barcodes',
  'suppliers',
  'tracking',
  'qcRequired',
  'allocationPolicy',
  'active',
  'registeredAt',
  'updatedAt',
  'revision',
  'reorderThreshold',
  'reorderThresholds',
];

export const LOCATION_FIELDS = [
  'code',
  'name',
  'kind',
  'parent',
  'timeZone',
  'active',
  'registeredAt',
  'updatedAt',
  'revision',
];

export const LEVEL_FIELDS = [
  'sku',
  'location',
  'lotCode',
  ...SUMS,
  'unit',
  'qcStatus',
  'expiresOn',
  'receivedAt',
  'lastMovementAt',
  'revision',
];

const SUMMARY_ITEM = ['sku', 'itemId', 'name', 'category', 'active', 'unit'];
export const SUMMARY_FIELDS = [...SUMMARY_ITEM, ...SUMS, 'lastMovementAt'];
export const PLACE_SUMMARY_FIELDS = [...SUMMARY_ITEM, 'location', ...SUMS, 'lastMovementAt'];

export const LOT_FIELDS = [
  'lotId',
  'sku',
  'lotCode',
  'expiresOn',
  'qcStatus',
  'supplierLot',
  'manufacturedOn',
  'parentLots',
  'received',
  'onHand',
  'reserved',
  'onHold',
  'available',
  'expired',
  'firstReceivedAt',
  'lastReceivedAt',
  'unit',
];

export const LEDGER_FIELDS = [
  'position',
  'movementId',
  'sku',
  'location',
  'lotCode',
  'type',
  'quantity',
  'balance',
  'reserved',
  'unit',
  'purpose',
  'reference',
  'reason',
  'unitCost',
  'currency',
  'documentId',
  'reverses',
  'actor',
  'commandId',
  'correlationId',
  'revision',
  'effectiveAt',
  'recordedAt',
  'lotId',
];
export const LOT_LEDGER_FIELDS = [...LEDGER_FIELDS.slice(0, -1), 'lotBalance', 'lotId'];

export const AUDIT_FIELDS = [
  'position',
  'eventId',
  'stream',
  'category',
  'revision',
  'type',
  'sku',
  'location',
  'actor',
  'reason',
  'commandId',
  'correlationId',
  'causationId',
  'effectiveAt',
  'recordedAt',
  'data',
];

export const LOW_STOCK_FIELDS = [
  'sku',
  'name',
  'category',
  'location',
  'threshold',
  'onHand',
  'available',
  'shortBy',
  'unit',
];

export const COUNT_FIELDS = [
  'countId',
  'sku',
  'location',
  'lotCode',
  'kind',
  'blind',
  'status',
  'counted',
  'book',
  'variance',
  'unit',
  'countedAtRevision',
  'countedBy',
  'countedAt',
  'decidedBy',
  'decidedAt',
  'reason',
  'revision',
];

export const COUNT_SHEET_FIELDS = ['sku', 'name', 'location', 'lotCode', 'unit', 'revision'];
