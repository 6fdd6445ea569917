import type { IncomingMessage } from 'node:http';

const MAX_DRAINED_BYTES = 32 * 1024 * 1024;
const MAX_DRAIN_MS = 5_000;

/**
 * Reads what is left of a body and throws it away. A client that is still sending when we close the connection sees a
 * broken one instead of our answer; one that never stops is cut off.
 */
export function drain(request: IncomingMessage): Promise<void> {
  if (request.readableEnded || request.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    let bytes = 0;
    const count = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes > MAX_DRAINED_BYTES) done();
    };
    const done = (): void => {
      clearTimeout(timer);
      for (const event of ENDS) request.off(event, done);
      request.off('data', count).pause();
      resolve();
    };
    const timer = setTimeout(done, MAX_DRAIN_MS);
    for (const event of ENDS) request.once(event, done);
    request.on('data', count).resume();
  });
}

const ENDS = ['end', 'close', 'error', 'aborted'] as const;
