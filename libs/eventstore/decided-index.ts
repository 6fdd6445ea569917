import { setTimeout as wait } from 'node:timers/promises';
import { BackOff, type Logger } from '../runtime';
import { KnownIds } from './known-ids';
import type { DecidedCommands, DecidedFound } from './types';

const PAGE = 20_000;
/** How long after the audit log an id is known here at most. */
const INTERVAL_MS = 200;
/** A look-up that takes longer is given up, and none is tried for a while: commands do not wait for PostgreSQL. */
const PATIENCE_MS = 1_000;

/**
 * Which command ids may stand in the audit log. Almost every command is new, so what a filter in memory does not know is
 * not asked for: a look-up for each keyed command would cost more than the command itself.
 */
export class DecidedIndex {
  private readonly ids = new KnownIds();
  private position = -1n;
  private isFilled = false;
  private silentUntil = 0;

  constructor(
    private readonly decided: DecidedCommands | undefined,
    private readonly logger: Logger,
  ) {}

  /** Keeps up with the audit log until the signal ends it. Without it, or before its first round, every id is asked for. */
  async follow(signal: AbortSignal): Promise<void> {
    if (!this.decided) return;
    const backOff = new BackOff(INTERVAL_MS, 2_000);
    while (!signal.aborted) {
      try {
        const { ids, upTo, more } = await this.decided.idsAfter(this.position, PAGE);
        this.ids.addAll(ids);
        this.position = upTo;
        backOff.reset();
        if (more) continue;
        this.isFilled = true;
        await wait(INTERVAL_MS, undefined, { signal, ref: false });
      } catch (error) {
        if (signal.aborted) return;
        this.logger.debug({ err: error }, 'the audit log does not tell its command ids');
        await backOff.pause(signal).catch(() => undefined);
      }
    }
  }

  /** True when only a look-up can tell whether the command was decided. */
  mayHave(commandId: string): boolean {
    if (!this.decided) return false;
    return this.isFilled ? this.ids.mayHave(commandId) : performance.now() >= this.silentUntil;
  }

  /** Undefined when the audit log does not answer in time. */
  async find(commandIds: readonly string[]): Promise<DecidedFound | undefined> {
    if (!this.decided || performance.now() < this.silentUntil) return undefined;
    const patience = new AbortController();
    try {
      const found = this.decided.find(commandIds);
      // When it comes too late nobody listens to how it ends.
      found.catch(() => undefined);
      const late = wait(PATIENCE_MS, undefined, { signal: patience.signal });
      late.catch(() => undefined);
      const told = await Promise.race([found, late]);
      if (told) return told;
      this.giveUp(new Error(`no answer within ${PATIENCE_MS} ms`));
    } catch (error) {
      this.giveUp(error);
    } finally {
      patience.abort();
    }
    return undefined;
  }

  private giveUp(error: unknown): void {
    this.silentUntil = performance.now() + PATIENCE_MS;
    this.logger.warn({ err: error }, 'old commands cannot be looked up in the audit log');
  }
}
