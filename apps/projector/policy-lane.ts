import {
  type DueReservations,
  FactsReader,
  FollowUps,
  ReservationExpiry,
} from '../../libs/application';
import { createExecutor, type EventStore } from '../../libs/eventstore';
import {
  decidedCommands,
  forgetRefusedLeg,
  movePolicy,
  noteRefusedLeg,
  type PolicyProgress,
  type Postgres,
  readPolicy,
  type RefusedLeg,
  refusedLegs,
  snapshotStore,
} from '../../libs/postgres';
import { BackOff, type Logger } from '../../libs/runtime';
import type { Policy } from '../../libs/domain';
import { endReservations } from './expiry-timer';
import type { Metrics } from './metrics';
import { START } from './obligations';
import type { SharedLog } from './shared-log';
import { pause, type PolicyLimits, PolicyRunner, refusedLeg } from './policy-runner';

const LOOK_MS = 1_000;
const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 5_000;
/** What was refused may be possible after all: the state has changed, or a new version runs. */
const RETRY_MS = 60_000;
const RETRIED = 500;
const DEADLINE_MS = 10_000;
/** Of those refused, so many are named. */
export const NAMED = 20;

export interface PolicyLaneOptions {
  readonly tenant: string;
  readonly logger: Logger;
  readonly metrics: Pick<Metrics, 'legsDriven' | 'reservationsEnded'>;
  /** The table of reservations; absent = none is ended by time. */
  readonly reservations?: (postgres: Postgres) => DueReservations;
  readonly shared: SharedLog;
  /** Absent = that of this version. */
  readonly policy?: Policy;
  readonly limits?: Partial<PolicyLimits>;
}

interface Work {
  readonly followUps: FollowUps;
  readonly expiry: ReservationExpiry | undefined;
}

/** Drives what follows from events, beside the projections: one projector of several does, as with those. */
export class PolicyLane {
  state: 'WAITING' | 'DRIVING' | 'STANDBY' = 'WAITING';
  /** As last seen in the database, at most `NAMED`. An event that cannot be read stops the projections, which say so. */
  refused: readonly RefusedLeg[] = [];
  private runner: PolicyRunner | undefined;
  private trouble: string | undefined;

  constructor(private readonly options: PolicyLaneOptions) {}

  /** Legs that are owed and not done yet. */
  get open(): number {
    return this.runner?.obligations.size ?? 0;
  }

  /** Since the oldest of them was seen. */
  get oldestSeconds(): number {
    const oldest = this.runner?.obligations.oldest;
    return oldest ? (performance.now() - oldest.openedMs) / 1_000 : 0;
  }

  /** Log position up to which nothing is owed; -1 before the first event. */
  get position(): bigint | undefined {
    return this.runner?.obligations.checkpoint.commit;
  }

  /** `isAllowed`: the database is there and belongs to this log. */
  async run(
    store: EventStore,
    postgres: Postgres,
    isAllowed: () => boolean,
    signal: AbortSignal,
  ): Promise<void> {
    const { shared } = this.options;
    const work = this.workOn(store, postgres);
    const backOff = new BackOff(FIRST_DELAY_MS, LONGEST_DELAY_MS);
    while (!signal.aborted) {
      if (!isAllowed()) {
        await Promise.race([shared.nextBegin, pause(LOOK_MS, signal)]);
        continue;
      }
      const began = performance.now();
      try {
        await this.session(store, postgres, work, signal);
      } catch (error) {
        if (signal.aborted) return;
        if (performance.now() - began > LONGEST_DELAY_MS) backOff.reset();
        this.tell(error);
        await backOff.pause(signal);
      } finally {
        this.runner = undefined;
        this.state = 'WAITING';
      }
    }
  }

  private workOn(store: EventStore, postgres: Postgres): Work {
    const { logger, tenant, policy, limits, reservations } = this.options;
    const executor = createExecutor({
      store,
      decided: decidedCommands(postgres, store.storeId),
      snapshots: snapshotStore(postgres, store.storeId),
      logger,
    });
    const facts = new FactsReader(executor, tenant);
    const atOnce = limits?.atOnce;
    return {
      followUps: new FollowUps({
        ...{ executor, facts },
        ...(policy && { policy }),
        ...(atOnce !== undefined && { atOnce }),
      }),
      expiry:
        reservations &&
        new ReservationExpiry({ executor, facts, tenant, reservations: reservations(postgres) }),
    };
  }

  private tell(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    // One line for an outage, however many times we knock.
    if (message === this.trouble) return;
    this.trouble = message;
    this.options.logger.warn({ err: error }, 'driving policies was interrupted; trying again');
  }

  /** One stretch of driving, until something breaks or another projector takes over. */
  private async session(
    store: EventStore,
    postgres: Postgres,
    { followUps, expiry }: Work,
    signal: AbortSignal,
  ): Promise<void> {
    const { storeId } = store;
    const { logger, limits, metrics, shared } = this.options;
    let { moves, reached } = await readPolicy(postgres, storeId);
    if (!(await isIn(store, reached))) {
      // Whatever follows is done once, however often it is gone through: beginning anew costs time, nothing else.
      logger.warn({ position: String(reached.commit) }, 'this log is another: from its start');
      reached = START;
    }
    const runner = new PolicyRunner(reached, {
      readLog: (from, until) => shared.read((asked) => store.readLog(asked), from, until),
      followUps,
      book: {
        move: async (to, open, oldestAt) => {
          const move = { reached: to, moves, storeId, open, oldestAt };
          const moved = await movePolicy(postgres, move);
          moves += 1;
          return moved;
        },
        refuse: async (leg) => {
          await noteRefusedLeg(postgres, leg);
          await this.look(postgres);
        },
      },
      logger,
      onDriven: () => metrics.legsDriven.inc(),
      ...(limits && { limits }),
    });
    this.runner = runner;
    this.state = 'DRIVING';
    this.trouble = undefined;
    const ending = new AbortController();
    const either = AbortSignal.any([signal, ending.signal]);
    const onEnded = (streams: number): void => metrics.reservationsEnded.inc(streams);
    const work: readonly Promise<'fenced' | undefined | void>[] = [
      runner.run(either),
      this.goOnRetrying(store, postgres, followUps, either),
      ...(expiry ? [endReservations(expiry, { logger, onEnded, signal: either })] : []),
    ];
    let ended: 'fenced' | undefined | void;
    try {
      ended = await Promise.race(work);
    } finally {
      ending.abort();
      await Promise.allSettled(work);
    }
    if (ended === 'fenced') await this.standBy(postgres, storeId, signal);
  }

  private async look(postgres: Postgres): Promise<void> {
    const found = await refusedLegs(postgres, NAMED);
    this.refused = found.filter(({ commandType }) => commandType !== null);
  }

  /** Until nobody has moved the policy for a while. */
  private async standBy(postgres: Postgres, storeId: string, signal: AbortSignal): Promise<void> {
    this.runner = undefined;
    this.state = 'STANDBY';
    this.options.logger.info('another projector drives the policies; standing by');
    for (let before: PolicyProgress['moves'] | undefined; !signal.aborted;) {
      const { moves } = await readPolicy(postgres, storeId);
      await this.look(postgres);
      if (moves === before) return;
      before = moves;
      await pause(LOOK_MS, signal);
    }
  }

  /** What was refused is tried again at the start, and now and then. */
  private async goOnRetrying(
    store: EventStore,
    postgres: Postgres,
    followUps: FollowUps,
    signal: AbortSignal,
  ): Promise<undefined> {
    for (let retriedMs = -Infinity; !signal.aborted;) {
      if (performance.now() - retriedMs > RETRY_MS) {
        for (const refused of await refusedLegs(postgres, RETRIED)) {
          if (signal.aborted) return undefined;
          await retry(store, postgres, followUps, refused);
        }
        retriedMs = performance.now();
      }
      await this.look(postgres);
      await pause(LOOK_MS, signal);
    }
    return undefined;
  }
}

/** Does again what was refused, and forgets it where that goes well. */
async function retry(
  store: Pick<EventStore, 'entryAt'>,
  postgres: Postgres,
  followUps: FollowUps,
  refused: RefusedLeg,
): Promise<void> {
  const { commandId, eventId, position } = refused;
  const entry = await store.entryAt({ commit: position, prepare: position });
  if (entry?.kind === 'undecodable' && entry.id === eventId) {
    return noteRefusedLeg(postgres, { ...refused, detail: entry.problem });
  }
  const event = entry?.kind === 'event' && entry.event.id === eventId ? entry.event : undefined;
  const every = event ? followUps.legsOf([event]) : [];
  // Without a command it was the event that could not be read: now all that follows from it is due.
  const legs = every.filter((leg) => refused.commandType === null || leg.commandId === commandId);
  const ran = await followUps.run(legs, performance.now() + DEADLINE_MS);
  const own = ran.slice(0, legs.length);
  for (const { leg, outcome } of own) {
    if (outcome.kind === 'refused') {
      await noteRefusedLeg(postgres, refusedLeg(leg, outcome.code, outcome.detail));
    }
  }
  if (own.some(({ outcome }) => outcome.kind === 'pending')) return;
  const isDone = own.every(
    ({ leg, outcome }) => outcome.kind === 'applied' || leg.commandId !== commandId,
  );
  if (isDone) await forgetRefusedLeg(postgres, commandId);
}

/** Whether the last event that was handled stands in the log where it was. */
async function isIn(
  store: Pick<EventStore, 'readEventAt' | 'end'>,
  { event, commit }: PolicyProgress['reached'],
): Promise<boolean> {
  if (event) {
    const found = await store.readEventAt({ commit: event.position, prepare: event.position });
    if (found?.id !== event.id) return false;
  }
  return commit <= 0n || commit <= (await store.end());
}
