import { randomUUID } from 'node:crypto';
import { decideAppend } from '../writing/decisions';
import { metastreamOf } from '../log/heads';
import type { EventNode } from '../node';

const NOTHING = Buffer.alloc(0);
const KEPT_DAYS = 30;
const METADATA = JSON.stringify({ $maxAge: KEPT_DAYS * 24 * 3600 });

export const historyOf = (id: string): string => `$scavenges-${id}`;

/** Adds an event to the history of a scavenge, which goes away by itself in time. */
export async function recordInHistory(
  node: EventNode,
  id: string,
  type: string,
  data: object,
): Promise<void> {
  const stream = historyOf(id);
  if (!node.store.head(stream)) await write(node, metastreamOf(stream), '$metadata', METADATA);
  await write(node, stream, type, JSON.stringify(data));
}

function write({ writer, retries }: EventNode, stream: string, type: string, data: string) {
  const event = {
    id: randomUUID(),
    type: Buffer.from(type),
    contentType: 'application/json',
    data: Buffer.from(data),
    metadata: NOTHING,
  };
  return new Promise<void>((resolve, reject) => {
    writer.submit({
      bytes: event.data.length,
      deadlineMs: Infinity,
      decide: (group) => decideAppend(group, retries, stream, { kind: 'any' }, [event]),
      done: () => resolve(),
      failed: reject,
    });
  });
}
