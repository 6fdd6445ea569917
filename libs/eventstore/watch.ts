import { BackOff, type Logger } from '../runtime';
import { isOutage, rawEvent, type EventStoreClient } from './client';

const FIRST_DELAY_MS = 50;
const LONGEST_DELAY_MS = 5_000;

export interface Watcher {
  /** Something was appended to this stream. */
  changed(stream: string): void;
  /** True: from now on every change is told. False: changes may go unnoticed until it is true again. */
  live(live: boolean): void;
}

/** Tells of appends to the streams of some categories as they happen, and says when it cannot. */
export async function watchStreams(
  client: EventStoreClient,
  logger: Logger,
  options: {
    readonly categories: readonly string[];
    readonly watcher: Watcher;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { categories, watcher, signal } = options;
  const backOff = new BackOff(FIRST_DELAY_MS, LONGEST_DELAY_MS);
  while (!signal.aborted) {
    const subscription = client.subscribe(
      'end',
      categories.map((category) => `${category}-`),
      () => undefined,
    );
    subscription.on('confirmation', () => {
      backOff.reset();
      watcher.live(true);
    });
    const stop = (): void => void subscription.destroy();
    signal.addEventListener('abort', stop);
    try {
      for await (const resolved of subscription) {
        const event = rawEvent(resolved);
        if (event) watcher.changed(event.stream);
      }
    } catch (error) {
      if (!signal.aborted && !isOutage(error)) {
        logger.warn({ err: error }, 'watching for changes ended unexpectedly');
      }
    } finally {
      signal.removeEventListener('abort', stop);
      watcher.live(false);
      // A second error often follows the first; nobody is left to care.
      subscription.on('error', () => undefined);
      void subscription.unsubscribe().catch(() => undefined);
    }
    await backOff.pause(signal);
  }
}
