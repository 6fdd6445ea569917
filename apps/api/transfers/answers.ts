import { TRANSFER_STATUSES } from '../../../libs/domain';
import {
  component,
  described,
  listOf,
  object,
  oneOf,
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

/** Answers about transfers. */

const transferId = component(
  'TransferId',
  text({ description: 'Opaque; goes into a path as is.' }),
);
const way = {
  transferId,
  sku,
  from: locationCode,
  to: locationCode,
  status: described(
    oneOf(...TRANSFER_STATUSES),
    'CANCELLED: a rest was called off, whatever had come before.',
  ),
  unit: text(),
};
const lot = { lotCode: described(orNull(lotCode), 'null: stock without a lot code.') };
const ends = {
  received: quantity,
  writtenOff: described(quantity, 'Missing.'),
  cancelled: described(quantity, 'Back where it was sent from.'),
};
const outstanding = described(quantity, 'Neither received nor written off nor cancelled.');

export const movedTransfer = component(
  'MovedTransfer',
  object({
    commandId: uuid,
    ...way,
    lines: described(
      listOf(object({ ...lot, dispatched: quantity, ...ends })),
      'What this command did to each lot.',
    ),
    outstanding: described(quantity, 'Of the whole transfer, after it.'),
    applied: described(
      listOf(locationCode),
      'The destination, where it has what was received, or knows the lots that are on their way.',
    ),
    pending: described(
      listOf(locationCode),
      'The destination, where it has yet to learn of it, which it will by itself; then the status is 202.',
    ),
    revision,
    position,
  }),
);

export const transferAnswer = component(
  'Transfer',
  object({
    ...way,
    quantity: described(quantity, 'Dispatched.'),
    ...ends,
    outstanding,
    inTransit: described(quantity, 'Has left the one location and is not yet at the other.'),
    lines: listOf(
      object({
        ...lot,
        quantity,
        ...ends,
        arrived: described(quantity, 'Of what was received: the destination has it.'),
        outstanding,
      }),
    ),
    reference: orNull(text()),
    reason: described(orNull(text()), 'Of the dispatch.'),
    actor: text(),
    dispatchedAt: instant,
    endedAt: described(orNull(instant), 'When nothing was outstanding any more.'),
    revision,
  }),
);

export const inTransitRow = component(
  'InTransit',
  object({
    sku,
    name: text(),
    from: locationCode,
    to: locationCode,
    ...lot,
    quantity,
    unit: text(),
    since: described(instant, 'There has been something on this way ever since.'),
  }),
);
