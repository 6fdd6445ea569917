import type { FastifyRequest } from 'fastify';
import { normaliseId, parseDocumentId, parseLotId, type DocumentKind } from '../../../libs/domain';
import { ProblemError, type ProblemCode } from './errors';
import { isId, MAX_LOCATION_CODE, MAX_SKU } from './fields';
import { checkText } from './json-body';
import { validationProblem } from './validation';

/** Ids in the path, normalised as those in a body are. */
export const skuIn = (path: string): string => idIn(path, 'sku', MAX_SKU);
export const locationIn = (path: string): string => idIn(path, 'code', MAX_LOCATION_CODE);

function idIn(path: string, field: string, max: number): string {
  checkText(path, field);
  const id = normaliseId(path);
  if (isId(id, max)) return id;
  const message = `must be 1 to ${max} characters, none a control character`;
  throw validationProblem([{ field, message }]);
}

/**
 * A lot id holds percent signs of its own, which a path has to encode once more. Who put the id into the path as it is
 * means the segment as it was sent.
 */
export function lotIn(
  lotId: string,
  { url }: Pick<FastifyRequest, 'url'>,
): {
  sku: string;
  lotCode: string;
} {
  const segment = (url.split('?')[0] ?? '').replace(/\/+$/, '').split('/').at(-1) ?? '';
  const lot = parseLotId(lotId) ?? parseLotId(segment);
  if (lot) {
    const [sku, lotCode] = [normaliseId(lot.sku), normaliseId(lot.lotCode)];
    if (isId(sku, MAX_SKU) && isId(lotCode, MAX_SKU)) return { sku, lotCode };
  }
  throw new ProblemError(
    'LOT_NOT_FOUND',
    'there is no such lot; a lot id is <sku>.<lotCode>, both percent-encoded outside letters, digits, _ and -',
  );
}

const NO_DOCUMENT = {
  reservation: 'RESERVATION_NOT_FOUND',
  transfer: 'TRANSFER_NOT_FOUND',
  count: 'COUNT_NOT_FOUND',
} as const satisfies Readonly<Record<DocumentKind, ProblemCode>>;

/** Where a reservation, transfer or count lives: its id says so. */
export function placeOfDocument(
  kind: DocumentKind,
  id: string,
): { readonly sku: string; readonly location: string } {
  const place = parseDocumentId(kind, id);
  if (place && isId(place.sku, MAX_SKU) && isId(place.location, MAX_LOCATION_CODE)) {
    return { sku: place.sku, location: place.location };
  }
  throw new ProblemError(
    NO_DOCUMENT[kind],
    `there is no ${kind} ${id.slice(0, 100)}; GET /api/v1/${kind}s lists those there are`,
  );
}
