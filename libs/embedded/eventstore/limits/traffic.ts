import type { Limits } from './limits';
import type { Writer } from '../log/writer';

/** Part of an append that has arrived while the rest has not. */
export interface Holding {
  add(bytes: number): void;
  release(): void;
}

/** What goes on at the moment, for the limits and for those who ask how the node is. */
export interface Traffic {
  calls: number;
  subscriptions: number;
  waitingAppends: number;
  readonly heldBytes: () => number;
  /** Counts what one half-sent append holds; `giveUp` is called when all of them hold too much and it is the oldest. */
  hold(giveUp: () => void): Holding;
}

export function openTraffic({ inFlightBytes }: Limits): Traffic {
  // A set keeps the order in which they began: who sends at an honest pace is never the oldest for long.
  const holdings = new Set<{ bytes: number; readonly giveUp: () => void }>();
  let heldBytes = 0;

  const giveUpOldest = (): void => {
    const [oldest] = holdings;
    if (!oldest) return;
    holdings.delete(oldest);
    heldBytes -= oldest.bytes;
    oldest.giveUp();
  };
  return {
    calls: 0,
    subscriptions: 0,
    waitingAppends: 0,
    heldBytes: () => heldBytes,
    hold(giveUp) {
      let isOver = false;
      const holding = {
        bytes: 0,
        giveUp: () => {
          isOver = true;
          giveUp();
        },
      };
      return {
        add(bytes) {
          if (isOver) return;
          // One that has brought nothing yet frees nothing when it is given up.
          holdings.add(holding);
          holding.bytes += bytes;
          heldBytes += bytes;
          while (heldBytes > inFlightBytes) giveUpOldest();
        },
        release() {
          isOver = true;
          if (holdings.delete(holding)) heldBytes -= holding.bytes;
        },
      };
    },
  };
}

/** The same writer, but what waits in it is counted. */
export function countWaiting(writer: Writer, traffic: Traffic): Writer {
  return {
    ...writer,
    submit(request) {
      traffic.waitingAppends += 1;
      writer.submit({
        bytes: request.bytes,
        deadlineMs: request.deadlineMs,
        decide: (group) => request.decide(group),
        done(outcome) {
          traffic.waitingAppends -= 1;
          request.done(outcome);
        },
        failed(error) {
          traffic.waitingAppends -= 1;
          request.failed(error);
        },
      });
    },
  };
}
