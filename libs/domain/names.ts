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

/** The id of a lot as clients see it: `<sku>.<lotCode>`, both encoded as in stream names. */
export const lotIdOf = (sku: string, lotCode: string): string =>
  `${encodePart(sku)}.${encodePart(lotCode)}`;

export function parseLotId(lotId: string): { sku: string; lotCode: string } | undefined {
  const parts = lotId.split('.').map(decodePart);
  const [sku, lotCode] = parts;
  return parts.length === 2 && sku && lotCode ? { sku, lotCode } : undefined;
}

export interface StreamName {
  readonly category: string;
  readonly tenant: string;
  /** SKU, location code, or SKU and location. */
  readonly parts: readonly string[];
}

/** The opposite of the functions above; undefined for a stream that is not ours. */
export function parseStreamName(stream: string): StreamName | undefined {
  const match = /^([a-z]+)-([^.@]+)\.([^@]+)(?:@([^@]+))?$/.exec(stream);
  const [, category, tenant, ids, location] = match ?? [];
  if (category === undefined || tenant === undefined || ids === undefined) return undefined;
  const encoded = [tenant, ...ids.split('.'), ...(location === undefined ? [] : [location])];
  const [decodedTenant, ...parts] = encoded.map(decodePart);
  if (decodedTenant === undefined || !parts.every((part) => part !== undefined)) return undefined;
  return { category, tenant: decodedTenant, parts };
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
