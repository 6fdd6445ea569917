import { COUNT_KINDS } from '../../../libs/domain';
import {
  component,
  described,
  flag,
  object,
  oneOf,
  optional,
  orNull,
  text,
} from '../document/answer-schema';
import {
  instant,
  locationCode,
  lotCode,
  position,
  quantity,
  revision,
  sku,
  uuid,
} from '../document/answer-fields';
import { COUNT_STATUSES } from './counts.dto';

/** Answers about counts. */

const about = {
  countId: text(),
  sku,
  location: locationCode,
  lotCode: described(orNull(lotCode), 'null: the pool of stock without a lot code.'),
  kind: oneOf(...COUNT_KINDS),
  blind: flag,
  status: described(
    oneOf(...COUNT_STATUSES),
    "PENDING: further off than the item's limit, so another person decides.",
  ),
  counted: quantity,
  unit: text(),
  countedAtRevision: revision,
};
const variance = {
  book: described(quantity, 'On hand of the lot after countedAtRevision.'),
  variance: described(quantity, 'Counted less book.'),
};

export const takenCount = component(
  'TakenCount',
  object({
    commandId: uuid,
    ...about,
    book: optional(described(variance.book, 'Not told of a blind count.')),
    variance: optional(described(variance.variance, 'Not told of a blind count.')),
    revision,
    position,
  }),
);

export const countAnswer = component(
  'Count',
  object({
    ...about,
    ...variance,
    countedBy: text(),
    countedAt: instant,
    decidedBy: orNull(text()),
    decidedAt: orNull(instant),
    reason: orNull(text()),
    reference: described(orNull(text()), 'The document behind it, such as the sheet.'),
    revision,
  }),
);

export const countSheetRow = component(
  'CountSheetRow',
  object({
    sku,
    name: orNull(text()),
    location: locationCode,
    lotCode: described(orNull(lotCode), 'null: the pool of stock without a lot code.'),
    unit: text(),
    revision: described(revision, 'Send it with the count.'),
  }),
);
