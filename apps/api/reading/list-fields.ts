import { SUMS } from '../http/present';

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
  'units',
  'active',
  'registeredAt',
  'updatedAt',
  'revision',
  'countVarianceLimit',
  'safetyStock',
  'reorderThreshold',
  'maximum',
  'thresholds',
  'reorderThresholds',
];

export const THRESHOLD_HISTORY_FIELDS = [
  'sku',
  'location',
  'kind',
  'was',
  'threshold',
  'unit',
  'reason',
  'actor',
  'commandId',
  'correlationId',
  'effectiveAt',
  'recordedAt',
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
export const SUMMARY_FIELDS = [...SUMMARY_ITEM, ...SUMS, 'inTransit', 'lastMovementAt'];
export const PLACE_SUMMARY_FIELDS = [
  ...SUMMARY_ITEM,
  'location',
  ...SUMS,
  'inTransit',
  'lastMovementAt',
];

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

const RESERVED = ['reservationId', 'sku', 'location'];
const DEMAND = ['batchId', 'reference', 'expiresAt'];
export const RESERVATION_FIELDS = [
  ...RESERVED,
  'status',
  'totalQuantity',
  'allocatedQuantity',
  'issuedQuantity',
  'releasedQuantity',
  'expiredQuantity',
  'short',
  'unit',
  'allocations',
  'strategy',
  'hard',
  ...DEMAND,
  'reservedAt',
  'endedAt',
  'actor',
  'revision',
];
export const SHORTAGE_FIELDS = [
  ...RESERVED,
  'name',
  'short',
  'totalQuantity',
  'allocatedQuantity',
  'available',
  'unit',
  ...DEMAND,
  'reservedAt',
];
export const RISK_FIELDS = [
  ...RESERVED,
  'lotCode',
  'risk',
  'quantity',
  'unit',
  'qcStatus',
  'expiresOn',
  ...DEMAND,
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

export const RESTATEMENT_FIELDS = [
  ...LEDGER_FIELDS.slice(0, -1),
  'cause',
  'closingPosition',
  'closedThrough',
  'closedAt',
  'lotId',
];

export const PERIOD_FIELDS = [
  'position',
  'type',
  'closedThrough',
  'wasClosedThrough',
  'reason',
  'actor',
  'commandId',
  'correlationId',
  'revision',
  'effectiveAt',
  'recordedAt',
];

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
  'state',
  'threshold',
  'safetyStock',
  'maximum',
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
  'reference',
  'revision',
];

export const COUNT_SHEET_FIELDS = ['sku', 'name', 'location', 'lotCode', 'unit', 'revision'];

export const TRANSFER_FIELDS = [
  'transferId',
  'sku',
  'from',
  'to',
  'status',
  'quantity',
  'received',
  'writtenOff',
  'cancelled',
  'outstanding',
  'inTransit',
  'lines',
  'unit',
  'reference',
  'reason',
  'actor',
  'dispatchedAt',
  'endedAt',
  'revision',
];

export const IN_TRANSIT_FIELDS = [
  'sku',
  'name',
  'from',
  'to',
  'lotCode',
  'quantity',
  'unit',
  'since',
];
