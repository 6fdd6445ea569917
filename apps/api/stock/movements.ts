import type { Type } from '@nestjs/common';
import {
  ADJUSTMENT_PURPOSES,
  DEFAULT_LOCATION,
  lotIdOf,
  type StockCommand,
} from '../../../libs/domain';
import { defined } from '../http/canonical';
import { ProblemError } from '../http/errors';
import { issueReservedCommand } from '../reservations/reservations';
import { IssueReservedBody } from '../reservations/reservations.dto';
import { AdjustBody, IssueBody, type MovementBody, ReceiveBody } from './stock.dto';
import { validated, validationProblem } from '../http/validation';

/** Bodies of stock movements → commands. */

const DEFAULT_CURRENCY = 'USD';

export function receiveCommand(body: ReceiveBody): StockCommand {
  const { expiresOn, unitCost, currency, qcRequired, purpose } = body;
  const { supplierLot, manufacturedOn, parentLots } = body;
  if (currency !== undefined && unitCost === undefined) {
    throw validationProblem([{ field: 'currency', message: 'is of use beside a unitCost only' }]);
  }
  checkParents(body);
  const money =
    unitCost === undefined
      ? undefined
      : { amount: unitCost, currency: currency ?? DEFAULT_CURRENCY };
  return {
    type: 'ReceiveStock',
    data: {
      ...moved(body),
      ...defined({ purpose, expiresOn, unitCost: money, qcRequired }),
      ...defined({ supplierLot, manufacturedOn, parentLots }),
    },
  };
}

function checkParents({ sku, lotCode, parentLots = [] }: ReceiveBody): void {
  if (lotCode === undefined || !parentLots.includes(lotIdOf(sku, lotCode))) return;
  throw validationProblem([{ field: 'parentLots', message: 'must not name the lot itself' }]);
}

/** Of free stock, or of what is set aside for a reservation. */
export function issueMovement(form: object): Movement {
  if (typeof form === 'object' && Object.hasOwn(form ?? {}, 'reservationId')) {
    const body = validated(IssueReservedBody, form);
    return { body, command: issueReservedCommand(body) };
  }
  const body = validated(IssueBody, form);
  return { body, command: issueCommand(body) };
}

const issueCommand = (body: IssueBody): StockCommand => ({
  type: 'IssueStock',
  data: { ...moved(body), ...defined({ purpose: body.purpose }) },
});

export const adjustCommand = (body: AdjustBody): StockCommand => ({
  type: 'AdjustStock',
  data: { ...moved(body), ...defined({ purpose: body.purpose }) },
});

export const moved = ({
  sku,
  location = DEFAULT_LOCATION,
  quantity,
  unit,
  lotCode,
  reference,
}: MovementBody) => ({
  sku,
  location,
  quantity,
  ...defined({ unit, lotCode, reference }),
});

export interface Movement {
  readonly command: StockCommand;
  readonly body: ReceiveBody | IssueBody | IssueReservedBody | AdjustBody;
}

type Kind = 'receive' | 'issue' | 'adjust';

/** The words people use for a movement, in lower case. */
const WORDS: Readonly<Record<string, { readonly kind: Kind; readonly purpose?: string }>> = {
  receive: { kind: 'receive' },
  in: { kind: 'receive' },
  'stock-in': { kind: 'receive' },
  issue: { kind: 'issue' },
  sale: { kind: 'issue', purpose: 'SALE' },
  removal: { kind: 'issue', purpose: 'REMOVAL' },
  adjust: { kind: 'adjust' },
};
const WRITE_OFFS: ReadonlySet<unknown> = new Set(
  ADJUSTMENT_PURPOSES.filter((purpose) => purpose !== 'OTHER' && purpose !== 'FOUND'),
);

/** The generic form: the type says what the rest is. */
export function genericMovement(form: unknown): Movement {
  if (typeof form !== 'object' || form === null || Array.isArray(form)) {
    throw new ProblemError('VALIDATION_FAILED', 'the body must be a JSON object');
  }
  const { type, ...rest } = form as Record<string, unknown>;
  const word = typeof type === 'string' ? type.trim().toLowerCase() : '';
  const known = Object.hasOwn(WORDS, word) ? WORDS[word] : undefined;
  if (!known) {
    const types = Object.keys(WORDS).join(', ');
    throw new ProblemError('UNKNOWN_MOVEMENT_TYPE', `type must be one of ${types}, in any case`, [
      { field: 'type', message: `must be one of ${types}` },
    ]);
  }
  return movementOf(known.kind, known.purpose, word, rest);
}

function movementOf(
  kind: Kind,
  purpose: string | undefined,
  word: string,
  rest: Record<string, unknown>,
): Movement {
  const given = typeof rest.purpose === 'string' ? rest.purpose.trim().toUpperCase() : rest.purpose;
  if (word === 'removal' && WRITE_OFFS.has(given)) {
    const body = validated(AdjustBody as Type<AdjustBody>, rest);
    // A removal is told as what goes away, an adjustment as its effect.
    body.quantity = body.quantity.startsWith('-') ? body.quantity.slice(1) : `-${body.quantity}`;
    return { body, command: adjustCommand(body) };
  }
  if (purpose !== undefined && given !== undefined && given !== purpose) {
    const message = `must be ${purpose} or absent for the type ${word}`;
    throw validationProblem([{ field: 'purpose', message }]);
  }
  const form = purpose === undefined ? rest : { ...rest, purpose };
  if (kind === 'receive') {
    const body = validated(ReceiveBody, form);
    return { body, command: receiveCommand(body) };
  }
  if (kind === 'issue') {
    const body = validated(IssueBody, form);
    return { body, command: issueCommand(body) };
  }
  const body = validated(AdjustBody, form);
  return { body, command: adjustCommand(body) };
}
