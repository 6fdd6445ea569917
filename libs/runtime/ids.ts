import { hash, randomUUID } from 'node:crypto';

export const newId = (): string => randomUUID();

let millisecond = -1;
let timeParts = '';

/**
 * A new UUID, version 7 (RFC 9562, 5.7): ids made later sort later, from one millisecond to the next, so that an index over
 * many of them grows at its end.
 */
export function newOrderedId(now = Date.now()): string {
  if (now !== millisecond) {
    const hex = now.toString(16).padStart(12, '0');
    timeParts = `${hex.slice(0, 8)}-${hex.slice(8)}-7`;
    millisecond = now;
  }
  return timeParts + randomUUID().slice(15);
}

/** The name-based UUID, version 5 (RFC 9562, 5.5): the same namespace and name always give the same id. */
export function uuidV5(namespace: string, name: string): string {
  const bytes = Buffer.concat([namespaceBytes(namespace), Buffer.from(name, 'utf8')]);
  const hex = hash('sha1', bytes, 'hex');
  const variant = ((parseInt(hex.slice(16, 18), 16) & 0x3f) | 0x80).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${variant}${hex.slice(18, 20)}-${hex.slice(20, 32)}`;
}

const namespaceBytes = (uuid: string): Buffer => Buffer.from(uuid.replaceAll('-', ''), 'hex');

/** Of a text in UTF-8, or of bytes; in lower-case hex. */
export const sha256 = (data: string | Uint8Array): string => hash('sha256', data, 'hex');
