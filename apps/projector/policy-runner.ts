import type { FollowUps, Leg } from '../../libs/application';
import type { LogEntry, Position } from '../../libs/eventstore';
import type { RefusedLeg } from '../../libs/postgres';
import type { Logger } from '../../libs/runtime';
import { FIRST_DELAY_MS, type Obligation, Obligations, type Reached } from './obligations';

/** Where a policy keeps how far it has got. Every member rejects while PostgreSQL is away. */
export interface PolicyBook {
  /** False: another projector drives the policy now, and nothing was written. */
  move(reached: Reached, open: number, oldestAt: string | null): Promise<boolean>;
  refuse(leg: RefusedLeg): Promise<void>;
}

export interface PolicyRunnerOptions {
  readonly readLog: (from: Position | undefined, signal: AbortSignal) => AsyncIterable<LogEntry>;
  readonly followUps: Pick<FollowUps, 'legsOf' | 'run'>;
  readonly book: PolicyBook;
  readonly logger: Logger;
  /** A leg that was driven from here is done. */
  readonly onDriven?: () => void;
  readonly limits?: Partial<PolicyLimits>;
}

export interface PolicyLimits {
  /** Milliseconds that whoever has appended an event has for its legs, before they are driven from here. */
  readonly graceMs: number;
  /** Legs that are driven at once: an old store is worked off, not stormed. */
  readonly atOnce: number;
  /** Legs that are held in memory; with so many open the log is read no further. */
  readonly mostOpen: number;
  /** Milliseconds between two looks at whether the checkpoint has moved. */
  readonly keepMs: number;
  /** Milliseconds between two looks at whether a leg has become due. */
  readonly tickMs: number;
  /** Milliseconds before a leg that could not be done is tried again; twice as long each time. */
  readonly firstDelayMs: number;
}

const LIMITS: PolicyLimits = {
  graceMs: 2_000,
  atOnce: 16,
  mostOpen: 5_000,
  keepMs: 500,
  tickMs: 200,
  firstDelayMs: FIRST_DELAY_MS,
};
const DEADLINE_MS = 10_000;
/** Legs that are under way at the end may finish; they come to no harm if they do not. */
const LAST_WORD_MS = 1_000;

/**
 * Goes through the log and sees to it that what follows from its events is done. Whoever appended an event mostly has done
 * it already, which the log tells; what is still owed after a while is driven from here until it is done.
 */
export class PolicyRunner {
  readonly obligations: Obligations;
  private readonly limits: PolicyLimits;
  private readonly underWay = new Set<Promise<void>>();
  private wakeDriver: () => void = () => undefined;
  private wakeReader: () => void = () => undefined;
  private stored = '';

  constructor(
    private readonly from: Reached,
    private readonly options: PolicyRunnerOptions,
  ) {
    this.limits = { ...LIMITS, ...options.limits };
    const legsOf = (event: Parameters<FollowUps['legsOf']>[0][number]): readonly Leg[] =>
      options.followUps.legsOf([event]);
    const { graceMs, firstDelayMs } = this.limits;
    this.obligations = new Obligations(from, legsOf, graceMs, undefined, firstDelayMs);
  }

  /** Ends when another projector drives the policy, or with the signal. */
  async run(signal: AbortSignal): Promise<'fenced' | undefined> {
    const ending = new AbortController();
    const either = AbortSignal.any([signal, ending.signal]);
    const loops: readonly Promise<'fenced' | undefined>[] = [
      this.read(either),
      this.drive(either),
      this.keep(either),
    ];
    try {
      return await Promise.race(loops);
    } finally {
      ending.abort();
      this.wakeDriver();
      this.wakeReader();
      await Promise.allSettled(loops);
      await this.lastWords();
    }
  }

  private async lastWords(): Promise<void> {
    const late = new AbortController();
    const all = Promise.allSettled(this.underWay);
    await Promise.race([all, pause(LAST_WORD_MS, late.signal)]);
    late.abort();
  }

  private async read(signal: AbortSignal): Promise<undefined> {
    const { commit, prepare } = this.from;
    const from = commit < 0n ? undefined : { commit, prepare };
    for await (const entry of this.options.readLog(from, signal)) {
      await this.take(entry);
      while (this.obligations.size >= this.limits.mostOpen && !signal.aborted) {
        await new Promise<void>((resolve) => (this.wakeReader = resolve));
      }
    }
    return undefined;
  }

  private async take(entry: LogEntry): Promise<void> {
    switch (entry.kind) {
      case 'event': {
        const before = this.obligations.size;
        this.obligations.takeEvent(entry.event);
        if (before === 0 && this.obligations.size > 0) this.wakeDriver();
        return;
      }
      case 'undecodable': {
        // A later version may know what follows from it: then it is tried again.
        await this.options.book.refuse(unreadable(entry));
        return this.obligations.pass(entry.position, entry.id);
      }
      case 'checkpoint':
        return this.obligations.takeCheckpoint(entry.position);
      case 'caughtUp':
        return;
    }
  }

  private async drive(signal: AbortSignal): Promise<undefined> {
    while (!signal.aborted) {
      for (const due of this.obligations.takeDue(this.limits.atOnce - this.underWay.size)) {
        const work: Promise<void> = this.driveOne(due).finally(() => {
          this.underWay.delete(work);
          this.wakeDriver();
        });
        this.underWay.add(work);
      }
      await this.rest();
    }
    return undefined;
  }

  /** Until a leg has ended, or may have become due. */
  private async rest(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.wakeDriver = resolve;
      if (this.obligations.size > 0) timer = setTimeout(resolve, this.limits.tickMs);
    });
    clearTimeout(timer);
  }

  private async driveOne(obligation: Obligation): Promise<void> {
    const { leg } = obligation;
    const { followUps, book, logger, onDriven } = this.options;
    try {
      const [first] = await followUps.run([leg], performance.now() + DEADLINE_MS);
      const outcome = first!.outcome;
      if (outcome.kind === 'pending') return this.obligations.failed(obligation);
      if (outcome.kind === 'refused') {
        const { code, detail } = outcome;
        logger.error({ ...namesOf(leg), code, detail }, 'a follower refused what it must not');
        await book.refuse(refusedLeg(leg, code, detail));
      } else onDriven?.();
      this.obligations.settle(leg.commandId);
      this.wakeReader();
    } catch (error) {
      logger.warn({ ...namesOf(leg), err: error }, 'a leg was interrupted; trying again');
      this.obligations.failed(obligation);
    }
  }

  /** Keeps in the database how far we are, whenever that has changed. */
  private async keep(signal: AbortSignal): Promise<'fenced' | undefined> {
    while (!signal.aborted) {
      await pause(this.limits.keepMs, signal);
      const { checkpoint, size, oldest } = this.obligations;
      const oldestAt = oldest?.leg.cause.recordedAt ?? null;
      const now = `${checkpoint.commit}/${checkpoint.prepare}/${size}/${oldestAt}`;
      if (now === this.stored) continue;
      if (!(await this.options.book.move(checkpoint, size, oldestAt))) return 'fenced';
      this.stored = now;
    }
    return undefined;
  }
}

const namesOf = ({ commandId, cause, followUp }: Leg) => ({
  commandId,
  eventId: cause.eventId,
  position: String(cause.position),
  command: followUp.command.type,
  stream: followUp.stream,
});

export const refusedLeg = (
  { commandId, cause, followUp }: Leg,
  code: string,
  detail: string,
): RefusedLeg => ({
  commandId,
  position: cause.position,
  eventId: cause.eventId,
  eventType: cause.type,
  commandType: followUp.command.type,
  stream: followUp.stream,
  code,
  detail,
});

const unreadable = (entry: Extract<LogEntry, { kind: 'undecodable' }>): RefusedLeg => ({
  commandId: entry.id,
  position: entry.position,
  eventId: entry.id,
  eventType: entry.type,
  commandType: null,
  stream: entry.stream,
  code: 'EVENT_UNREADABLE',
  detail: entry.problem,
});

/** Cut short by the signal, without an error. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener('abort', end, { once: true });
  });
}
