import { QC_STATUSES } from '../../../libs/domain';
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
} from '../document/answer-schema';
import {
  date,
  instant,
  locationCode,
  lotCode,
  lotId,
  metadata,
  position,
  quantity,
  revision,
  sku,
} from '../document/answer-fields';
import { levelFields } from '../stock/answers';

/** Answers about lots. */

const qcStatus = oneOf(...QC_STATUSES);

const lotFields = {
  lotId,
  sku,
  lotCode,
  expiresOn: orNull(date),
  qcStatus,
  supplierLot: described(orNull(text()), "The supplier's own name for it."),
  manufacturedOn: orNull(date),
  parentLots: described(listOf(lotId), 'The lots it was made of, of any item.'),
  received: quantity,
  onHand: quantity,
  reserved: quantity,
  onHold: quantity,
  available: quantity,
  expired: quantity,
  firstReceivedAt: instant,
  lastReceivedAt: instant,
  unit: text(),
};
export const lotAnswer = component('Lot', object(lotFields));

const lotPlace = component(
  'LotPlace',
  object({
    ...levelFields,
    isUpToDate: described(
      flag,
      'false: the place goes by another status or expiry until it learns what the lot is now.',
    ),
  }),
);
const lotHistoryEntry = component(
  'LotHistoryEntry',
  object({
    revision,
    type: described(text(), 'Type of the event.'),
    qcStatus: described(qcStatus, 'From here on.'),
    expiresOn: described(orNull(date), 'From here on.'),
    inspector: described(orNull(text()), 'Who judged it, where it is not the actor.'),
    reason: orNull(text()),
    ...metadata,
    effectiveAt: instant,
    recordedAt: instant,
  }),
);
export const lotDetail = component(
  'LotDetail',
  object({
    ...lotFields,
    locations: described(listOf(lotPlace), 'Where some of it is or was.'),
    history: described(listOf(lotHistoryEntry), 'What was said of it, oldest first.'),
  }),
);

const reached = {
  applied: described(listOf(locationCode), 'The locations where it is in force.'),
  pending: described(
    listOf(locationCode),
    'The locations that have yet to learn of it, which they will by themselves; 202 where there are any.',
  ),
  revision,
  /** Where nothing changed there is no position to wait for. */
  position: optional(position),
};
export const decidedLot = component('DecidedLot', object({ lotId, qcStatus, ...reached }));
export const correctedLot = component(
  'CorrectedLot',
  object({ lotId, expiresOn: orNull(date), ...reached }),
);
