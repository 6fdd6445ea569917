/** A place in the log as clients see it: opaque to them, bound to one store. */
export const positionToken = (storeId: string, commit: bigint): string =>
  `${storeId.slice(0, 8)}-${commit}`;

export type ParsedPosition =
  | { readonly kind: 'position'; readonly commit: bigint }
  | { readonly kind: 'malformed' }
  | { readonly kind: 'anotherStore' };

export function parsePositionToken(storeId: string, token: string): ParsedPosition {
  const match = /^([0-9a-f]{8})-(\d{1,19})$/.exec(token);
  if (!match) return { kind: 'malformed' };
  return match[1] === storeId.slice(0, 8)
    ? { kind: 'position', commit: BigInt(match[2]!) }
    : { kind: 'anotherStore' };
}
