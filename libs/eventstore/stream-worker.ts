import { setTimeout as wait } from 'node:timers/promises';
import type { RecordedEvent } from '../domain';
import type { Logger } from '../runtime';
import { isOutage } from './client';
import { encode } from './codec';
import type { DecidedIndex } from './decided-index';
import type { Folded } from './folded';
import type { FoldedCache } from './folded-cache';
import type { LogPort } from './log-port';
import { lookUp, wantedOf } from './look-up';
import type { RecentCommands } from './recent-commands';
import { dropLate, inSeries, refused, type AnyOutcome, type Pending } from './pending';
import { answerReplay, answerReused } from './replay';
import { Round, type AnyDefinition, type AnyRequest, type Elsewhere, type Verdict } from './round';
import type { Snapshots } from './snapshots';

export interface Shared {
  readonly log: LogPort;
  readonly cache: FoldedCache;
  readonly snapshots: Snapshots | undefined;
  readonly recent: RecentCommands;
  readonly decided: DecidedIndex;
  readonly logger: Logger;
  readonly now: () => string;
}

/** At most so many commands are decided together. */
const MAX_ROUND = 256;
/** While a stream is read: whether commands have become late. */
const LOOK_MS = 100;

/**
 * The queue of one stream. Commands that arrive while an append is under way are decided together on the state it leaves
 * and appended together, each with a verdict of its own: a hot stream scales by batching, not by conflicts.
 */
export class StreamWorker {
  private pending: Pending[] = [];
  private looks: {
    definition: AnyDefinition;
    settle: (f: Folded<unknown>) => void;
    fail: (e: unknown) => void;
  }[] = [];
  private running = false;
  private deciding = false;

  constructor(
    private readonly stream: string,
    private readonly shared: Shared,
    private readonly onIdle: () => void,
  ) {}

  submit(request: AnyRequest): Promise<AnyOutcome> {
    return new Promise((settle, fail) => {
      const { series } = request.context;
      this.pending.push(
        series ? inSeries(series, { request, settle, fail }) : { request, settle, fail },
      );
      this.start();
    });
  }

  /**
   * The stream folded to its head. Takes its turn in the queue: a folded stream belongs to one at a time. While commands
   * are decided the stream is read apart, for it may be one of them that asks, or one that they wait for.
   */
  look(definition: AnyDefinition): Promise<{ readonly state: unknown; readonly revision: number }> {
    if (this.deciding) return this.shared.log.refresh(definition, this.stream, undefined);
    return new Promise((settle, fail) => {
      this.looks.push({ definition, settle, fail });
      this.start();
    });
  }

  private start(): void {
    if (this.running) return;
    this.running = true;
    void this.run();
  }

  private async run(): Promise<void> {
    while (this.pending.length + this.looks.length > 0) {
      while (this.looks.length > 0) await this.answerLooks();
      if (this.pending.length === 0) continue;
      // From here on nobody queues up to look: a command of the batch may wait for just that.
      this.deciding = true;
      await this.giveTurn();
      const batch = this.pending.splice(0, MAX_ROUND);
      try {
        await this.decideBatch(batch);
      } catch (error) {
        // The state may be half-applied: the next round reads the stream.
        this.shared.cache.take(this.stream);
        for (const { settle, fail } of batch) {
          if (isOutage(error)) settle(refused('STORE_UNAVAILABLE', STORE_DOWN));
          else fail(error);
        }
      } finally {
        this.deciding = false;
      }
    }
    this.running = false;
    this.onIdle();
  }

  /** Leaves the stream to other processes for a moment; commands gather meanwhile. */
  private async giveTurn(): Promise<void> {
    const turns = this.shared.cache.peek(this.stream)?.turns;
    const pause = turns ? turns.pauseMs(performance.now(), Math.random()) : 0;
    if (pause > 0) await wait(pause);
  }

  private async answerLooks(): Promise<void> {
    const looks = this.looks.splice(0);
    const { cache, log } = this.shared;
    try {
      const folded = await log.refresh(looks[0]!.definition, this.stream, cache.take(this.stream));
      this.keep(looks[0]!.definition, folded);
      for (const { settle } of looks) settle(folded);
    } catch (error) {
      for (const { fail } of looks) fail(error);
    }
  }

  private async decideBatch(batch: readonly Pending[]): Promise<void> {
    const { cache, recent } = this.shared;
    const definition = batch[0]!.request.definition;
    let began = performance.now();
    let folded = cache.take(this.stream);
    let atHead = !folded || folded.turns.isShared(began);
    if (!folded || atHead) folded = await this.refresh(definition, folded, batch);
    for (let live = batch, fresh = false, conflicts = 0; ;) {
      live = dropLate(live, OTHERS_WROTE);
      // What was read for commands that are late now serves the next ones.
      if (live.length === 0) return this.keep(definition, folded);
      const round = await this.decideRound(definition, folded, live, fresh);
      if (round.restsOnHead && !(atHead && fresh)) {
        recent.release(round.appended);
        folded = await this.refresh(definition, folded, live);
        atHead = fresh = true;
        continue;
      }
      const appended = await this.append(round, folded, live);
      if (appended === 'conflict') {
        recent.release(round.appended);
        conflicts += 1;
        await wait(Math.random() * Math.min(2 ** conflicts, 64));
        began = performance.now();
        folded = await this.refresh(definition, folded, live);
        folded.turns.lost(began);
        atHead = true;
        fresh = false;
        continue;
      }
      if (appended === 'unknown') return await this.settleUnknown(definition, live, round);
      folded.turns.wrote(began, performance.now());
      cache.put(this.stream, folded);
      await this.settleRound(round, live);
      this.shared.snapshots?.offer(definition, this.stream, folded);
      return;
    }
  }

  /** The stream up to its head. A long one takes longer to read than a command may wait: those are told meanwhile. */
  private async refresh(
    definition: AnyDefinition,
    folded: Folded<unknown> | undefined,
    live: readonly Pending[],
  ): Promise<Folded<unknown>> {
    const look = setInterval(() => {
      dropLate(live, STILL_READING);
      this.pending = dropLate(this.pending, STILL_READING);
    }, LOOK_MS);
    try {
      return await this.shared.log.refresh(definition, this.stream, folded);
    } finally {
      clearInterval(look);
    }
  }

  /** Puts the stream back for the next one, and tells that it may be worth a snapshot. */
  private keep(definition: AnyDefinition, folded: Folded<unknown>): void {
    this.shared.cache.put(this.stream, folded);
    this.shared.snapshots?.offer(definition, this.stream, folded);
  }

  private async decideRound(
    definition: AnyDefinition,
    folded: Folded<unknown>,
    live: readonly Pending[],
    fresh: boolean,
  ): Promise<Round> {
    const requests = live.map(({ request }) => request);
    const wanted = wantedOf(folded, requests, this.shared);
    if (wanted && wanted.here.length > 0) {
      void this.shared.snapshots?.fetchParts(this.stream, folded);
    }
    const lookingUp = wanted && lookUp(this.stream, wanted, this.shared);
    // Whoever fails first is the one that is told; the other must not end the process.
    lookingUp?.catch(() => undefined);
    const facts = await Promise.all(requests.map((request) => request.facts(fresh)));
    const found = lookingUp && (await lookingUp);
    const round = new Round(definition, this.stream, folded, this.shared.now());
    live.forEach(({ request }, index) => {
      const { commandId, mayBeRetry } = request.context;
      const elsewhere = mayBeRetry
        ? (found?.get(commandId) ?? this.onAnotherStream(commandId))
        : undefined;
      round.decide(request, facts[index], elsewhere);
    });
    this.shared.recent.claim(round.appended);
    return round;
  }

  private onAnotherStream(commandId: string): Elsewhere | undefined {
    const known = this.shared.recent.find(commandId);
    if (!known || known.stream === this.stream) return undefined;
    const { stream, commandHash, revision } = known;
    const at = { commandHash, firstRevision: revision, lastRevision: revision };
    return { stream, commandHash, at };
  }

  private async append(
    round: Round,
    folded: Folded<unknown>,
    live: readonly Pending[],
  ): Promise<'written' | 'conflict' | 'unknown'> {
    if (round.appended.length === 0) return 'written';
    const encoded = markFollowers(round).map(encode);
    const deadline = Math.max(...live.map(({ request }) => request.context.deadline));
    const timeout = deadline - performance.now();
    const outcome = await this.shared.log.append(this.stream, encoded, folded.revision, timeout);
    switch (outcome.kind) {
      case 'rejected':
        throw new Error(`the event store rejected an append: ${outcome.detail}`);
      case 'appended': {
        // The answer of an append that was resent may lack its position; then the log is asked.
        const position =
          outcome.position ?? (await this.positionOf(round.appended.at(-1)!.revision));
        if (position === undefined) return 'unknown';
        for (const event of round.appended) {
          Object.assign(event, { position });
          folded.apply(event);
        }
        return 'written';
      }
      case 'conflict':
      case 'unknown':
        return outcome.kind;
    }
  }

  /** Undefined when the store is gone again, which is no reason to say that nothing was written. */
  private async positionOf(revision: number): Promise<bigint | undefined> {
    try {
      for await (const { position } of this.shared.log.read(this.stream, revision, 1))
        return position;
    } catch (error) {
      if (isOutage(error)) return undefined;
      throw error;
    }
    throw new Error(`${this.stream} has no event ${revision}, though it was appended`);
  }

  private async settleRound(round: Round, live: readonly Pending[]): Promise<void> {
    const outcomes: AnyOutcome[] = [];
    for (const [index, pending] of live.entries()) {
      const verdict = round.verdicts[index]!;
      if (verdict.kind === 'postponed') {
        this.pending.unshift(...live.slice(index));
        return;
      }
      try {
        const outcome = await this.outcomeOf(verdict, pending.request, outcomes);
        outcomes.push(outcome);
        pending.settle(outcome);
      } catch (error) {
        // It was decided before, and only its stored answer cannot be read.
        outcomes.push(refused('OUTCOME_UNKNOWN', OUTCOME_UNKNOWN));
        if (isOutage(error)) pending.settle(outcomes[index]!);
        else pending.fail(error);
      }
    }
  }

  private async outcomeOf(
    verdict: Exclude<Verdict, { kind: 'postponed' }>,
    request: AnyRequest,
    earlier: readonly AnyOutcome[],
  ): Promise<AnyOutcome> {
    switch (verdict.kind) {
      case 'events': {
        const { revision, position } = verdict.events.at(-1)!;
        return { kind: 'accepted', events: verdict.events, revision, position, replayed: false };
      }
      case 'told':
        return { ...NOTHING, events: verdict.events, revision: verdict.revision };
      case 'unchanged':
        return { ...NOTHING, events: [], revision: verdict.revision, position: verdict.position };
      case 'refused':
        return { kind: 'refused', refusal: verdict.refusal };
      case 'twin': {
        const first = earlier[verdict.of]!;
        return first.kind === 'accepted' ? { ...first, replayed: true } : first;
      }
      case 'replay':
        return answerReplay(this.shared.log, this.stream, verdict.at);
      case 'reused':
        return answerReused(this.shared.log, verdict.stream, verdict.at, request);
    }
  }

  /** After an append without an answer only the stream knows; what is stored is what happened. */
  private async settleUnknown(
    definition: AnyDefinition,
    live: readonly Pending[],
    { verdicts }: Round,
  ): Promise<void> {
    const { log } = this.shared;
    const told = new Map<AnyRequest, AnyOutcome>();
    try {
      const folded = await log.refresh(definition, this.stream, undefined);
      this.keep(definition, folded);
      for (const [index, { request }] of live.entries()) {
        const { commandId, commandHash } = request.context;
        const at = folded.commands.get(commandId);
        if (!at) continue;
        if (at.commandHash !== commandHash) {
          told.set(request, await answerReused(log, this.stream, at, request));
          continue;
        }
        const answer = await answerReplay(log, this.stream, at);
        const verdict = verdicts[index];
        // Another process may have written it meanwhile, or it was sent twice: then ours was not the first.
        const isOurs = verdict?.kind === 'events' && verdict.events[0]?.id === answer.events[0]?.id;
        told.set(request, { ...answer, replayed: !isOurs });
      }
    } catch (error) {
      if (!isOutage(error)) throw error;
    }
    const postponed: Pending[] = [];
    for (const [index, pending] of live.entries()) {
      const { request, settle } = pending;
      if (verdicts[index]?.kind === 'postponed') postponed.push(pending);
      else settle(told.get(request) ?? refused('OUTCOME_UNKNOWN', OUTCOME_UNKNOWN));
    }
    this.pending.unshift(...postponed);
  }
}

const NOTHING = { kind: 'accepted', position: undefined, replayed: false } as const;
const STORE_DOWN =
  'the event store does not answer; this request has written nothing, send it again shortly';
const OUTCOME_UNKNOWN =
  'the event store did not say whether it wrote; send the same request with the same Idempotency-Key to find out';

const OTHERS_WROTE =
  'others wrote this stream until the deadline; this request has written nothing, send it again';
const STILL_READING =
  'this stream is long and still being read; this request has written nothing, send it again';

/**
 * Of an append with several commands only the last event's position is known. Each command's last event says how many
 * follow it in the same append, so that a replay finds the position that was answered the first time.
 */
function markFollowers(round: Round): RecordedEvent[] {
  const last = round.appended.at(-1)!.revision;
  for (const verdict of round.verdicts) {
    const event = verdict.kind === 'events' ? verdict.events.at(-1)! : undefined;
    if (!event || event.revision === last) continue;
    Object.assign(event.metadata, { followers: last - event.revision });
  }
  return round.appended;
}
