import { setTimeout as wait } from 'node:timers/promises';

/** Pauses between tries: twice as long each time up to a limit, and jittered, so that many who wait do not return at once. */
export class BackOff {
  private delayMs: number;

  constructor(
    private readonly firstMs: number,
    private readonly longestMs: number,
  ) {
    this.delayMs = firstMs;
  }

  /** Waits before the next try; cut short by the signal, without an error. */
  async pause(signal?: AbortSignal): Promise<void> {
    const forMs = this.delayMs * (0.5 + Math.random());
    this.delayMs = Math.min(this.delayMs * 2, this.longestMs);
    await wait(forMs, undefined, { signal }).catch(() => undefined);
  }

  /** A try went well: the next pause is a short one again. */
  reset(): void {
    this.delayMs = this.firstMs;
  }
}
