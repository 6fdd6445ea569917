import type { Head } from '../log/heads';
import { dataOf, isLink, messageOf, resolvedMessage } from '../log/record';
import type { Store } from '../log/store';
import { firstVisible, isFound } from '../log/visibility';

export interface DeliveryOptions {
  readonly resolveLinks: boolean;
  readonly structuredIds: boolean;
}

/** How a row becomes the message of a reader. */
export type Delivery = (position: number, row: Buffer) => Buffer;

const LINK = /^(\d+)@(.+)$/s;

export function deliveryFor(store: Store, options: DeliveryOptions): Delivery {
  const { resolveLinks, structuredIds } = options;
  if (!resolveLinks && !structuredIds) return (_position, row) => messageOf(row);
  return (position, row) => {
    const target = resolveLinks && isLink(row) ? targetOf(store, row) : undefined;
    return target === undefined && !structuredIds
      ? messageOf(row)
      : resolvedMessage(row, position, target, structuredIds);
  };
}

/** The event a link points to: null when there is none to be seen, undefined when the link is none. */
function targetOf(store: Store, row: Buffer): Buffer | null | undefined {
  const [, revisionText, stream] = LINK.exec(dataOf(row).toString('utf8')) ?? [];
  if (revisionText === undefined || stream === undefined) return undefined;
  const revision = Number(revisionText);
  const head = store.head(stream);
  if (!isReadable(head) || revision > head.last) return null;
  if (revision < firstVisible(store, stream, head, Date.now())) return null;
  return store.event(head.number, revision)?.row ?? null;
}

const isReadable = (head: Head | undefined): head is Head => isFound(head) && !head.tombstoned;
