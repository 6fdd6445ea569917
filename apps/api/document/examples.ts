import type { countAnswer, countSheetRow, takenCount } from '../counts/answers';
import type { TypeOf } from './answer-schema';
import type {
  itemAnswer,
  locationAnswer,
  registeredItem,
  registeredLocation,
  thresholdChange,
} from '../catalogue/answers';
import type { readiness } from './answers-common';
import type {
  auditRow,
  itemSummary,
  ledgerRow,
  levelAnswer,
  lowStockRow,
  movedStock,
  statsAnswer,
  summaryAnswer,
} from '../stock/answers';

/** What the documentation shows: a small shop's widgets. A test holds every example to its schema. */

export const examplePlace = { revision: 0, position: '9f1c2a7b-41827' };
const history = {
  registeredAt: '2026-02-27T08:00:00.000Z',
  updatedAt: '2026-03-01T09:30:00.000Z',
  revision: 2,
};

const itemFields = {
  sku: 'WIDGET-001',
  id: 'WIDGET-001',
  code: 'WIDGET-001',
  name: 'Standard Widget',
  description: '',
  category: 'Widgets',
  unit: 'each',
  decimals: 0,
  attributes: { colour: 'red' },
  aliases: [],
  barcodes: ['4006381333931'],
  suppliers: [{ supplier: 'ACME', supplierSku: 'W1-R', leadTimeDays: 14 }],
  tracking: 'none',
  qcRequired: false,
  allocationPolicy: 'FIFO',
  units: [{ unit: 'box', numerator: 12, denominator: 1 }],
  countVarianceLimit: 3,
  active: true,
  safetyStock: 4,
  reorderThreshold: 10,
  maximum: 100,
  thresholds: [{ location: 'SHOP-1', safetyStock: 2, reorderThreshold: 5, maximum: 40 }],
  reorderThresholds: [{ location: 'SHOP-1', reorderThreshold: 5 }],
} as const;
export const exampleItem: TypeOf<typeof itemAnswer> = { ...itemFields, ...history };
export const exampleRegisteredItem: TypeOf<typeof registeredItem> = {
  ...itemFields,
  ...examplePlace,
};

export const exampleThresholdChange: TypeOf<typeof thresholdChange> = {
  sku: 'WIDGET-001',
  location: 'SHOP-1',
  kind: 'REORDER',
  was: 5,
  threshold: 8,
  unit: 'each',
  reason: 'sells faster in summer',
  actor: 'anonymous',
  commandId: '6f3c0f2e-0f55-5d0c-9a7e-5c1a1d2b3c4d',
  correlationId: '0b0c8f3e-6f53-4d3c-9f1e-0a4d6c1f2b7a',
  effectiveAt: '2026-03-01T09:30:00.000Z',
  recordedAt: '2026-03-01T09:30:00.412Z',
};

const locationFields = {
  code: 'SHOP-1',
  name: 'Shop in the centre',
  kind: 'STORE',
  parent: null,
  timeZone: 'Europe/Vienna',
  active: true,
} as const;
export const exampleLocation: TypeOf<typeof locationAnswer> = { ...locationFields, ...history };
export const exampleRegisteredLocation: TypeOf<typeof registeredLocation> = {
  ...locationFields,
  ...examplePlace,
};

const times = {
  effectiveAt: '2026-03-01T09:30:00.000Z',
  recordedAt: '2026-03-01T09:30:00.412Z',
};
const movedWidgets = (
  movement: TypeOf<typeof movedStock>['movements'][number],
): TypeOf<typeof movedStock> => ({
  commandId: '6f3c0f2e-0f55-5d0c-9a7e-5c1a1d2b3c4d',
  sku: 'WIDGET-001',
  location: 'MAIN',
  movements: [movement],
  ...examplePlace,
});
const MOVEMENT_ID = '2b4c9d0a-5a3e-4b77-8a53-1f0e3c4d5e6f';

export const exampleReceived = movedWidgets({
  movementId: MOVEMENT_ID,
  type: 'RECEIVE',
  lotCode: 'L-2026-03',
  quantity: 50,
  unit: 'each',
  purpose: 'PURCHASE',
  expiresOn: '2027-06-30',
  qcStatus: 'APPROVED',
  unitCost: '12.50',
  currency: 'USD',
  reference: 'PO-1001',
  reason: null,
  ...times,
});
export const exampleIssued = movedWidgets({
  movementId: MOVEMENT_ID,
  type: 'ISSUE',
  lotCode: 'L-2026-03',
  quantity: 10,
  unit: 'each',
  purpose: 'SALE',
  reference: 'SO-77',
  reason: null,
  ...times,
});
export const exampleAdjusted = movedWidgets({
  movementId: MOVEMENT_ID,
  type: 'ADJUST',
  lotCode: null,
  quantity: -2,
  unit: 'each',
  purpose: 'DAMAGE',
  reference: null,
  reason: 'dropped',
  ...times,
});

const back = {
  movementId: MOVEMENT_ID,
  lotCode: null,
  unit: 'each',
  reference: null,
  ...times,
};
export const exampleReturned = movedWidgets({
  ...back,
  type: 'RECEIVE',
  quantity: 1,
  purpose: 'RETURN',
  reason: 'too large',
});
export const exampleHeld = movedWidgets({
  ...back,
  type: 'HOLD',
  quantity: 2,
  purpose: null,
  reason: 'carton is damp',
});
export const exampleReversed = movedWidgets({
  ...back,
  type: 'REVERSE',
  quantity: -60,
  purpose: 'incorrect_data',
  reverses: '7d1e0f4c-2a7b-4f0e-9b1c-3d2e1f0a9b8c',
  reason: 'typed 60 for 6',
});

const counted = {
  countId: 'WIDGET-001@MAIN.C5',
  sku: 'WIDGET-001',
  location: 'MAIN',
  lotCode: null,
  kind: 'STOCKTAKE',
  blind: false,
  status: 'APPLIED',
  counted: 48,
  unit: 'each',
  countedAtRevision: 3,
  book: 50,
  variance: -2,
  revision: 4,
} as const;
export const exampleTakenCount: TypeOf<typeof takenCount> = {
  commandId: '5f0c1f8e-3a53-5b7e-9c1f-0d2e3f4a5b6c',
  ...counted,
  position: '9f1c2a7b-41827',
};
export const exampleCount: TypeOf<typeof countAnswer> = {
  ...counted,
  countedBy: 'ada',
  countedAt: '2026-03-04T16:00:00.000Z',
  decidedBy: null,
  decidedAt: null,
  reason: null,
  reference: 'SHEET-7',
};
export const exampleCountSheetRow: TypeOf<typeof countSheetRow> = {
  sku: 'WIDGET-001',
  name: 'Standard Widget',
  location: 'MAIN',
  lotCode: 'L-2026-03',
  unit: 'each',
  revision: 3,
};

const sums = {
  onHand: 50,
  reserved: 0,
  onHold: 0,
  available: 50,
  quarantined: 0,
  rejected: 0,
  expired: 0,
  received: 60,
  issued: 10,
  adjusted: 0,
  transferredIn: 0,
  transferredOut: 0,
};

export const exampleLevel: TypeOf<typeof levelAnswer> = {
  sku: 'WIDGET-001',
  location: 'MAIN',
  lotCode: 'L-2026-03',
  ...sums,
  unit: 'each',
  qcStatus: 'APPROVED',
  expiresOn: '2027-06-30',
  receivedAt: '2026-03-01T09:30:00.000Z',
  lastMovementAt: '2026-03-04T16:00:00.000Z',
  revision: 3,
};

export const exampleSummary: TypeOf<typeof summaryAnswer> = {
  sku: 'WIDGET-001',
  itemId: 'WIDGET-001',
  name: 'Standard Widget',
  category: 'Widgets',
  active: true,
  unit: 'each',
  ...sums,
  inTransit: 3,
  lastMovementAt: '2026-03-04T16:00:00.000Z',
};

export const exampleLedgerRow: TypeOf<typeof ledgerRow> = {
  position: '9f1c2a7b-41827',
  movementId: '2b4c9d0a-5a3e-4b77-8a53-1f0e3c4d5e6f',
  sku: 'WIDGET-001',
  location: 'MAIN',
  lotId: 'WIDGET-001.L-2026-03',
  lotCode: 'L-2026-03',
  type: 'ISSUE',
  quantity: -10,
  balance: 50,
  reserved: 0,
  unit: 'each',
  purpose: 'SALE',
  reference: 'SO-77',
  reason: null,
  documentId: null,
  reverses: null,
  unitCost: null,
  currency: null,
  actor: 'anonymous',
  commandId: '6f3c0f2e-0f55-5d0c-9a7e-5c1a1d2b3c4d',
  correlationId: '0b0c8f3e-6f53-4d3c-9f1e-0a4d6c1f2b7a',
  revision: 1,
  effectiveAt: '2026-03-04T16:00:00.000Z',
  recordedAt: '2026-03-04T16:00:00.412Z',
};

export const exampleAuditRow: TypeOf<typeof auditRow> = {
  position: '9f1c2a7b-41827',
  eventId: '2b4c9d0a-5a3e-4b77-8a53-1f0e3c4d5e6f',
  stream: 'item-default.WIDGET-001',
  category: 'item',
  revision: 1,
  type: 'ItemDeactivated',
  sku: 'WIDGET-001',
  location: null,
  actor: 'anonymous',
  reason: 'no longer made',
  commandId: '6f3c0f2e-0f55-5d0c-9a7e-5c1a1d2b3c4d',
  correlationId: '0b0c8f3e-6f53-4d3c-9f1e-0a4d6c1f2b7a',
  causationId: '6f3c0f2e-0f55-5d0c-9a7e-5c1a1d2b3c4d',
  effectiveAt: '2026-03-04T16:00:00.000Z',
  recordedAt: '2026-03-04T16:00:00.412Z',
  data: { sku: 'WIDGET-001' },
};

export const exampleLowStock: TypeOf<typeof lowStockRow> = {
  sku: 'WIDGET-001',
  name: 'Standard Widget',
  category: 'Widgets',
  location: null,
  state: 'BELOW_REORDER',
  threshold: 10,
  safetyStock: 4,
  maximum: 100,
  onHand: 7,
  available: 7,
  shortBy: 3,
  unit: 'each',
};

export const exampleStats: TypeOf<typeof statsAnswer> = {
  items: 504,
  activeItems: 500,
  locations: 14,
  activeLocations: 14,
  lots: 120,
  stockedLevels: 1069,
  movements: 202696,
  lowStock: 12,
  units: [
    { unit: 'each', onHand: 6938013, reserved: 0, received: 9000000, issued: 2061987, adjusted: 0 },
  ],
};

export const exampleItemSummary: TypeOf<typeof itemSummary> = {
  ...exampleSummary,
  locations: [{ ...exampleSummary, location: 'MAIN' }],
};

export const exampleReadiness: TypeOf<typeof readiness> = {
  status: 'ok',
  eventStore: 'ok',
  readModels: 'ok',
  projections: [
    {
      projection: 'items',
      state: 'RUNNING',
      updatedAt: '2026-03-01T09:30:00.500Z',
      positionsBehind: 0,
    },
  ],
};
