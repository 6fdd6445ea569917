import { setTimeout as wait } from 'node:timers/promises';
import { type EventStore, openEventStoreWithRetry } from '../../libs/eventstore';
import {
  AnotherStoreError,
  Applier,
  type Control,
  failRebuild,
  migrate,
  noteRefusal,
  openPostgresWithRetry,
  pairsOf,
  type Postgres,
  type Projection,
  readControl,
  type Rebuild,
  standingOf,
} from '../../libs/postgres';
import { tableOf, type View, views as everyView } from '../../libs/projections';
import { BackOff, type Logger } from '../../libs/runtime';
import { StoreWatch } from './lag';
import { type Backlog, catchUp, followLive, standBy } from './main-lane';
import type { Metrics } from './metrics';
import { PolicyLane, type PolicyLaneOptions } from './policy-lane';
import { runRebuild } from './rebuild-lane';
import { SharedLog } from './shared-log';
import { LogMismatchError, verifyCheckpoints } from './verify';

const LOOK_MS = 1_000;
const REFUSED_MS = 5_000;
const FIRST_DELAY_MS = 50;
const LONGEST_DELAY_MS = 5_000;
/** For the tables that readers see, those that catch up, those beside, their switch and comparison, policies, and questions. */
const CONNECTIONS = 7;

export type ProjectorState =
  /** Waiting for PostgreSQL or the event store, at the start or after an outage. */
  | 'CONNECTING'
  | 'RUNNING'
  /** Another projector is at work on these tables. */
  | 'STANDBY'
  /** The tables and the log do not belong together. */
  | 'REFUSED';

export interface ProjectorOptions {
  readonly eventstoreUrl: string;
  readonly databaseUrl: string;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Once, when it is at work; or with the reason why it refuses to be. */
  readonly onReady: (refusal?: string) => void;
  readonly tenant?: string;
  /** The views of this version. */
  readonly views?: readonly View[];
  /** What follows from events by this version, and how it is driven. */
  readonly policies?: Pick<PolicyLaneOptions, 'policy' | 'limits' | 'reservations'>;
}

/** Reads the log and brings it into the tables, whatever goes away in between. */
export class Projector {
  state: ProjectorState = 'CONNECTING';
  reason: string | undefined;
  /** Those that readers see and this version fills. */
  projections: readonly Projection[] = [];
  storeId: string | undefined;
  readonly backlog: Backlog = { waiting: 0, oldestWaiting: undefined };
  readonly store = new StoreWatch();
  /** What is asked of us in the database, as last seen. */
  control: Control | undefined;
  /** Those that are filled beside. */
  beside: readonly Projection[] = [];
  /** Why the tables beside are not filled just now. */
  rebuildTrouble: string | undefined;
  readonly policies: PolicyLane;
  private readonly shared = new SharedLog();
  private readonly views: readonly View[];
  private begun = false;
  private told = false;
  /** Tables that are near to the others, so that one reader serves them all. */
  private readonly near = new Set<string>();
  /** Ends the stretch of work on the tables that readers see, or on those beside, to look at what has changed. */
  private regroup = new AbortController();
  private regroupBeside = new AbortController();

  constructor(private readonly options: ProjectorOptions) {
    this.views = options.views ?? everyView;
    const { tenant = 'default', logger, metrics } = options;
    const { shared } = this;
    this.policies = new PolicyLane({ tenant, logger, metrics, shared, ...options.policies });
  }

  async run(signal: AbortSignal): Promise<void> {
    const { logger, eventstoreUrl, databaseUrl } = this.options;
    const [store, postgres] = await Promise.all([
      openEventStoreWithRetry({ url: eventstoreUrl, logger, signal }),
      openPostgresWithRetry({
        url: databaseUrl,
        logger,
        signal,
        name: 'lotstream projector',
        connections: CONNECTIONS,
      }),
    ]);
    this.storeId = store.storeId;
    try {
      await Promise.all([
        this.goOn(store, postgres, signal),
        this.goOnBeside(store, postgres, signal),
        this.watchStore(store, signal),
        this.watchControl(postgres, signal),
        this.policies.run(store, postgres, () => this.isAtWork, signal),
      ]);
    } finally {
      await Promise.allSettled([store.close(), postgres.close()]);
    }
  }

  private async goOn(store: EventStore, postgres: Postgres, signal: AbortSignal): Promise<void> {
    const backOff = new BackOff(FIRST_DELAY_MS, LONGEST_DELAY_MS);
    while (!signal.aborted) {
      const began = performance.now();
      try {
        await this.session(store, postgres, signal);
      } catch (error) {
        if (signal.aborted) return;
        this.near.clear();
        if (performance.now() - began > LONGEST_DELAY_MS) backOff.reset();
        this.trouble(error);
        if (this.state === 'REFUSED') {
          this.tellReady(this.reason);
          await pause(REFUSED_MS, AbortSignal.any([signal, this.regroup.signal]));
        } else await backOff.pause(signal);
      }
    }
  }

  private tellReady(refusal?: string): void {
    if (!this.told) this.options.onReady(refusal);
    this.told = true;
  }

  private trouble(error: unknown): void {
    const { logger } = this.options;
    const reason = messageOf(error);
    const refused = error instanceof AnotherStoreError || error instanceof LogMismatchError;
    // One line for an outage, however many times we knock.
    const known = reason === this.reason;
    this.state = refused ? 'REFUSED' : 'CONNECTING';
    this.reason = reason;
    if (known) return;
    if (refused) logger.error({ reason }, 'the tables and the log do not belong together');
    else logger.warn({ err: error }, 'projecting was interrupted; trying again');
  }

  /** One stretch of work, until something breaks, another projector takes over, or what there is to do changes. */
  private async session(store: EventStore, postgres: Postgres, signal: AbortSignal): Promise<void> {
    this.regroup = new AbortController();
    const ending = AbortSignal.any([signal, this.regroup.signal]);
    await migrate(postgres, this.views);
    const control = await readControl(postgres);
    this.control ??= control;
    const own = this.viewsOf(control);
    const far = await this.verify(store, postgres, own);
    const applier = await this.open(
      store,
      postgres,
      own.filter((view) => !far.includes(view)),
    );
    let broken = true;
    try {
      const catchingUp = this.bringNear(store, postgres, far, applier, ending);
      this.state = 'RUNNING';
      this.reason = undefined;
      this.begun = true;
      this.tellReady();
      const { metrics } = this.options;
      const { backlog, shared } = this;
      const following = followLive(store, applier, { metrics, backlog, shared, signal: ending });
      const ended = await Promise.race([following, catchingUp]);
      this.regroup.abort();
      await Promise.all([following, catchingUp]);
      if (ended === 'fenced' && !signal.aborted) await this.standBy(applier, signal);
      broken = false;
    } finally {
      this.regroup.abort();
      applier.close(broken);
    }
  }

  /** What readers see and this version fills; a later version keeps its own. */
  private viewsOf({ served }: Control): View[] {
    return this.views.filter((view) => standingOf(view, served) === 'served');
  }

  private open(store: EventStore, postgres: Postgres, views: readonly View[]): Promise<Applier> {
    const { logger } = this.options;
    return Applier.open({ postgres, views, storeId: store.storeId, logger });
  }

  /** Refuses tables of another log; answers the views that are far behind the others. */
  private async verify(
    store: EventStore,
    postgres: Postgres,
    own: readonly View[],
  ): Promise<readonly View[]> {
    const { logger } = this.options;
    const resume = !this.begun;
    const { storeId } = store;
    const applier = await Applier.open({ postgres, views: own, storeId, logger, resume });
    try {
      const { projections } = applier;
      const names = projections.map(({ name }) => name);
      try {
        await verifyCheckpoints(store, projections);
      } catch (error) {
        if (error instanceof LogMismatchError) await noteRefusal(postgres, names, error.message);
        throw error;
      }
      await noteRefusal(postgres, names, undefined);
      this.projections = projections;
      return this.farBehind(projections);
    } finally {
      applier.close();
    }
  }

  private farBehind(projections: readonly Projection[]): View[] {
    const going = projections.filter(({ stopped }) => !stopped);
    const first = going.reduce((most, { checkpoint: { commit } }) => max(most, commit), -1n);
    const far = going.filter(
      ({ name, checkpoint }) => checkpoint.commit < first && !this.near.has(name),
    );
    this.near.clear();
    for (const one of going) if (!far.includes(one)) this.near.add(one.name);
    return far.map(({ view }) => view);
  }

  /** Ends when they are near, so that all go on together. */
  private async bringNear(
    store: EventStore,
    postgres: Postgres,
    far: readonly View[],
    main: Applier,
    signal: AbortSignal,
  ): Promise<'fenced' | 'near' | undefined> {
    this.projections = main.projections;
    if (far.length === 0) return new Promise((end) => onAbort(signal, () => end(undefined)));
    const applier = await this.open(store, postgres, far);
    this.projections = [...main.projections, ...applier.projections];
    try {
      const aim = (): bigint => main.from?.commit ?? -1n;
      const verdict = await catchUp(store, applier, { aim, signal });
      if (verdict === 'near') {
        for (const { name, stopped } of applier.projections) if (!stopped) this.near.add(name);
      }
      return verdict;
    } finally {
      applier.close(true);
    }
  }

  private async standBy(applier: Applier, signal: AbortSignal): Promise<void> {
    this.state = 'STANDBY';
    this.near.clear();
    this.options.logger.info('another projector is at work; standing by');
    await standBy(applier, signal);
  }

  /** The tables beside, one rebuild after the other. */
  private async goOnBeside(
    store: EventStore,
    postgres: Postgres,
    signal: AbortSignal,
  ): Promise<void> {
    const { logger } = this.options;
    const backOff = new BackOff(LOOK_MS, LONGEST_DELAY_MS);
    let known: number | undefined;
    while (!signal.aborted) {
      this.regroupBeside = new AbortController();
      const ending = AbortSignal.any([signal, this.regroupBeside.signal]);
      const rebuild = this.nextRebuild(store.storeId);
      if (!rebuild || !this.control) {
        await pause(LOOK_MS, ending);
        continue;
      }
      const pairs = pairsOf(rebuild, this.views, this.control.served);
      const resume = rebuild.id !== known;
      known = rebuild.id;
      try {
        await runRebuild({
          ...{ store, postgres, logger, rebuild, pairs, signal: ending, resume },
          onOpen: (projections) => (this.beside = projections),
        });
        this.beside = [];
        this.rebuildTrouble = undefined;
        backOff.reset();
        await this.look(postgres);
      } catch (error) {
        if (signal.aborted) return;
        if (this.rebuildTrouble !== messageOf(error)) {
          logger.warn({ err: error, rebuild: rebuild.id }, 'filling tables beside was interrupted');
        }
        this.rebuildTrouble = messageOf(error);
        if (isHopeless(error)) await failRebuild(postgres, rebuild, pairs, messageOf(error));
        await backOff.pause(signal);
      }
    }
  }

  private get isAtWork(): boolean {
    return this.state === 'RUNNING' || this.state === 'STANDBY';
  }

  /** The first that this version can do: of tables that it knows, from the event store that it reads. */
  private nextRebuild(storeId: string): Rebuild | undefined {
    const tables = new Set(this.views.map(tableOf));
    return this.control?.rebuilds.find(
      (rebuild) =>
        rebuild.projections.every((name) => tables.has(name)) &&
        // Nobody has asked for a new version from this store: only where the other tables are of it.
        (rebuild.storeId === null ? this.isAtWork : rebuild.storeId === storeId),
    );
  }

  private async watchStore(store: EventStore, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await store.lastOwn().then(
        (end) => this.store.answered(end),
        () => undefined,
      );
      await pause(LOOK_MS, signal);
    }
  }

  private async watchControl(postgres: Postgres, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      // While PostgreSQL is away the work itself says so.
      if (this.control) await this.look(postgres).catch(() => undefined);
      await pause(LOOK_MS, signal);
    }
  }

  /** Whoever has work that does not fit any more begins a new stretch of it. */
  private async look(postgres: Postgres): Promise<void> {
    const before = this.control;
    const now = await readControl(postgres);
    this.control = now;
    const isResumed = ({ name, stopped }: Projection): boolean =>
      stopped !== undefined && !now.stopped.has(name);
    const replaced = this.views.some(
      ({ name }) => before?.served.get(name) !== now.served.get(name),
    );
    const ended = before?.rebuilds.some(({ id }) => now.rebuilds.every((each) => each.id !== id));
    if (replaced || ended || this.projections.some(isResumed)) this.regroup.abort();
    const asked = before?.rebuilds.length !== now.rebuilds.length;
    if (asked || ended || this.beside.some(isResumed)) this.regroupBeside.abort();
  }
}

const max = (a: bigint, b: bigint): bigint => (a > b ? a : b);
const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

/** Something else in the database depends on what would have to go: nothing that passes by itself. */
const isHopeless = (error: unknown): boolean => (error as { code?: string }).code === '2BP01';

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  wait(ms, undefined, { signal }).catch(() => undefined);

function onAbort(signal: AbortSignal, act: () => void): void {
  if (signal.aborted) act();
  else signal.addEventListener('abort', act, { once: true });
}
