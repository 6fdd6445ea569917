import { ALLOCATION_POLICIES } from '../../../libs/domain';
import { RESERVATION_RISKS, RESERVATION_STATUSES } from '../../../libs/postgres/queries';
import {
  date,
  instant,
  locationCode,
  lotCode,
  position,
  quantity,
  revision,
  sku,
  uuid,
} from '../document/answer-fields';
import {
  component,
  described,
  flag,
  listOf,
  object,
  oneOf,
  optional,
  orNull,
  text,
  type TypeOf,
} from '../document/answer-schema';
import { qcStatus } from '../stock/answers';

/** Answers about reservations, and what the documentation shows of them. */

const reservationId = component(
  'ReservationId',
  described(text(), 'Opaque; what is asked of a reservation finds its way by it.'),
);
const ids = { reservationId, sku, location: locationCode };
const demand = { batchId: orNull(text()), reference: orNull(text()) };
const expiresAt = described(orNull(instant), 'null: it does not end by itself.');
const lotOrPool = described(orNull(lotCode), 'null: the pool of stock without a lot code.');
const line = { lotCode: lotOrPool, quantity };
const lines = listOf(component('AllocationLine', object(line)));
const terms = {
  totalQuantity: described(quantity, 'What was asked for.'),
  short: described(quantity, 'Asked for, and without a lot that it could come from.'),
  unit: text(),
  strategy: oneOf(...ALLOCATION_POLICIES),
  hard: described(flag, 'The lots were named: no other takes their place.'),
  ...demand,
  expiresAt,
  reservedAt: instant,
};
const place = { revision, position: optional(position) };

export const madeReservation = component(
  'MadeReservation',
  object({
    commandId: uuid,
    ...ids,
    status: oneOf('ACTIVE'),
    issuedQuantity: quantity,
    allocations: described(lines, 'In the order in which they will be issued.'),
    ...terms,
    revision,
    position,
  }),
);

export const releasedReservation = component(
  'ReleasedReservation',
  object({
    commandId: uuid,
    ...ids,
    releasedQuantity: quantity,
    allocations: described(lines, 'What was freed of which lot.'),
    short: described(quantity, 'How much of it was short and is given up.'),
    unit: text(),
    revision,
    position,
  }),
);

export const extendedReservation = component(
  'ExtendedReservation',
  object({ commandId: uuid, ...ids, expiresAt, ...place }),
);

export const reservationAnswer = component(
  'Reservation',
  object({
    ...ids,
    status: described(
      oneOf(...RESERVATION_STATUSES),
      'PARTIAL: issued in part. RELEASED and EXPIRED: the rest of it was.',
    ),
    issuedQuantity: quantity,
    allocatedQuantity: described(quantity, 'Set aside now.'),
    releasedQuantity: quantity,
    expiredQuantity: quantity,
    allocations: described(
      listOf(
        component(
          'Allocation',
          object({
            ...line,
            quantity: described(quantity, 'Set aside now.'),
            issuedQuantity: quantity,
          }),
        ),
      ),
      'In the order in which they are issued.',
    ),
    ...terms,
    endedAt: orNull(instant),
    actor: text(),
    revision: described(revision, 'Of the stock of the SKU at the location, when it changed last.'),
  }),
);

export const shortageRow = component(
  'Shortage',
  object({
    ...ids,
    name: orNull(text()),
    short: terms.short,
    totalQuantity: quantity,
    allocatedQuantity: quantity,
    available: described(quantity, 'Of the SKU at the location now, by the date of UTC.'),
    unit: text(),
    ...demand,
    expiresAt,
    reservedAt: instant,
  }),
);

export const riskRow = component(
  'ReservationAtRisk',
  object({
    ...ids,
    lotCode: lotOrPool,
    risk: described(oneOf(...RESERVATION_RISKS), 'The first of these that is true.'),
    quantity,
    unit: text(),
    qcStatus,
    expiresOn: described(orNull(date), 'Of the lot.'),
    ...demand,
    expiresAt: described(orNull(instant), 'Of the reservation.'),
  }),
);

const widgets = {
  reservationId: 'WIDGET-001@MAIN.R17',
  sku: 'WIDGET-001',
  location: 'MAIN',
} as const;
const told = {
  totalQuantity: 10,
  short: 0,
  unit: 'each',
  strategy: 'FIFO',
  hard: false,
  batchId: 'BATCH-002',
  reference: 'SO-77',
  expiresAt: '2031-03-01T12:00:00.000Z',
  reservedAt: '2026-03-01T09:30:00.000Z',
} as const;
const written = {
  commandId: '6f3c0f2e-0f55-5d0c-9a7e-5c1a1d2b3c4d',
  revision: 4,
  position: '9f1c2a7b-41827',
};

export const exampleMade: TypeOf<typeof madeReservation> = {
  ...widgets,
  status: 'ACTIVE',
  issuedQuantity: 0,
  allocations: [
    { lotCode: 'L-2026-02', quantity: 6 },
    { lotCode: 'L-2026-03', quantity: 4 },
  ],
  ...told,
  ...written,
};
export const exampleReleased: TypeOf<typeof releasedReservation> = {
  ...widgets,
  releasedQuantity: 4,
  allocations: [{ lotCode: 'L-2026-02', quantity: 4 }],
  short: 0,
  unit: 'each',
  ...written,
};
export const exampleExtended: TypeOf<typeof extendedReservation> = {
  ...widgets,
  expiresAt: '2031-03-01T18:00:00.000Z',
  ...written,
};
export const exampleReservation: TypeOf<typeof reservationAnswer> = {
  ...widgets,
  status: 'PARTIAL',
  issuedQuantity: 6,
  allocatedQuantity: 4,
  releasedQuantity: 0,
  expiredQuantity: 0,
  allocations: [
    { lotCode: 'L-2026-02', quantity: 0, issuedQuantity: 6 },
    { lotCode: 'L-2026-03', quantity: 4, issuedQuantity: 0 },
  ],
  ...told,
  endedAt: null,
  actor: 'anonymous',
  revision: 5,
};
export const exampleShortage: TypeOf<typeof shortageRow> = {
  ...widgets,
  name: 'Standard Widget',
  short: 3,
  totalQuantity: 10,
  allocatedQuantity: 7,
  available: 0,
  unit: 'each',
  batchId: 'BATCH-002',
  reference: 'SO-77',
  expiresAt: null,
  reservedAt: '2026-03-01T09:30:00.000Z',
};
export const exampleRisk: TypeOf<typeof riskRow> = {
  ...widgets,
  lotCode: 'L-2026-02',
  risk: 'LOT_EXPIRES',
  quantity: 4,
  unit: 'each',
  qcStatus: 'APPROVED',
  expiresOn: '2026-03-04',
  batchId: 'BATCH-002',
  reference: 'SO-77',
  expiresAt: null,
};
const wish = { sku: 'WIDGET-001', location: 'MAIN', quantity: 10 };
export const reserveRequest = {
  ...wish,
  batchId: 'BATCH-002',
  reference: 'SO-77',
  expiresAt: '2031-03-01T12:00:00Z',
};
export const releaseRequest = { reservationId: widgets.reservationId, quantity: 4 };
export const extendRequest = { expiresAt: '2031-03-01T18:00:00Z' };
