/**
 * Names of streams: `<category>-<tenant>.<part>[@|.]<part>`. Each part is NFC, then percent-encoded outside
 * `[A-Za-z0-9_-]`, so that `.` and `@` only ever join parts and every name decodes to exactly its parts.
 */
export const itemStream = (tenant: string, sku: string): string =>
  `item-${encodePart(tenant)}.${encodePart(sku)}`;

export const locationStream = (tenant: string, code: string): string =>
  `location-${encodePart(tenant)}.${encodePart(code)}`;

export const stockStream = (tenant: string, sku: string, location: string): string =>
  `stock-${encodePart(tenant)}.${encodePart(sku)}@${encodePart(location)}`;

export const lotStream = (tenant: string, sku: string, lotCode: string): string =>
  `lot-${encodePart(tenant)}.${lotIdOf(sku, lotCode)}`;

export type DocumentKind = 'reservation' | 'transfer' | 'count';
const DOCUMENT_LETTERS = { reservation: 'R', transfer: 'T', count: 'C' } as const;

/**
 * The id of what a stock stream keeps of its own: `WIDGET-001@MAIN.R17` is its reservation number 17, and so routes by
 * itself. Opaque to clients; `~` stands for `%`, which an address would have to escape.
 */
export const documentId = (
  kind: DocumentKind,
  sku: string,
  location: string,
  ordinal: number,
): string =>
  `${encodePart(sku)}@${encodePart(location)}.${DOCUMENT_LETTERS[kind]}${ordinal}`.replaceAll(
    '%',
    '~',
  );

export function parseDocumentId(
  kind: DocumentKind,
  id: string,
): { readonly sku: string; readonly location: string; readonly ordinal: number } | undefined {
  const match = /^([^@.%]+)@([^@.%]+)\.([A-Z])([1-9]\d{0,14})$/.exec(id);
  if (!match || match[3] !== DOCUMENT_LETTERS[kind]) return undefined;
  const [sku, location] = [match[1]!, match[2]!].map((part) =>
    decodePart(part.replaceAll('~', '%')),
  );
  return sku && location ? { sku, location, ordinal: Number(match[4]) } : undefined;
}

/** One stream for all accounting periods of a tenant. */
export const periodStream = (tenant: string): string => `period-${encodePart(tenant)}`;

/** The id of a lot as clients see it: `<sku>.<lotCode>`, both encoded as in stream names. */
export const lotIdOf = (sku: string, lotCode: string): string =>
  `${encodePart(sku)}.${encodePart(lotCode)}`;

export function parseLotId(lotId: string): { sku: string; lotCode: string } | undefined {
  const parts = lotId.split('.').map(decodePart);
  const [sku, lotCode] = parts;
  return parts.length === 2 && sku && lotCode ? { sku, lotCode } : undefined;
}

/** An id as people type it: NFC, without white space around it. */
export const normaliseId = (id: string): string => id.normalize('NFC').trim();

export const encodePart = (part: string): string =>
  encodeURIComponent(part.normalize('NFC')).replace(
    /[!'()*.~]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

function decodePart(part: string): string | undefined {
  if (!/^(?:[A-Za-z0-9_-]|%[0-9A-F]{2})+$/.test(part)) return undefined;
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}
