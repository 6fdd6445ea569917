import type { LiveEvent } from '../log/group';
import type { Chances } from './chances';
import type { LiveFeed } from '../log/live-feed';

/** Tells each listener of some commits late, in order all the same. */
export function hostileFeed(inner: LiveFeed, chances: Chances): LiveFeed {
  const { longestDelayMs } = chances.profile;
  return {
    publish: (events) => inner.publish(events),
    follow(stream, listener) {
      let waiting: (readonly LiveEvent[])[] = [];
      let timer: NodeJS.Timeout | undefined;
      const tell = (): void => {
        const due = waiting;
        waiting = [];
        timer = undefined;
        for (const events of due) listener(events);
      };
      const stop = inner.follow(stream, (events) => {
        if (timer === undefined && !chances.happens('delayedDelivery')) return listener(events);
        waiting.push(events);
        timer ??= setTimeout(tell, chances.between('delayedDelivery', 0, longestDelayMs));
      });
      return () => {
        stop();
        clearTimeout(timer);
        waiting = [];
      };
    },
  };
}
