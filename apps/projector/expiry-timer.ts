import type { ReservationExpiry } from '../../libs/application';
import type { Logger } from '../../libs/runtime';
import { pause } from './policy-runner';

const LOOK_MS = 1_000;

/** Ends reservations whose time is over, once a second, until the signal. Never rejects: a look that fails is followed by the next. */
export async function endReservations(
  expiry: Pick<ReservationExpiry, 'look'>,
  options: {
    readonly logger: Logger;
    /** Streams that were told. */
    readonly onEnded: (streams: number) => void;
    readonly signal: AbortSignal;
    readonly everyMs?: number;
  },
): Promise<void> {
  const { logger, onEnded, signal, everyMs = LOOK_MS } = options;
  let told = '';
  while (!signal.aborted) {
    try {
      const { ended, failures } = await expiry.look();
      if (ended > 0) onEnded(ended);
      // One line for what stays as it is, however often we look.
      const trouble = failures.map(({ stream, code }) => `${stream} ${code}`).join();
      if (trouble !== told && failures.length > 0) {
        logger.warn({ failures: failures.slice(0, 20) }, 'reservations could not be ended');
      }
      told = trouble;
    } catch (error) {
      const trouble = String(error);
      if (trouble !== told) logger.warn({ err: error }, 'reservations that are due are not known');
      told = trouble;
    }
    await pause(everyMs, signal);
  }
}
