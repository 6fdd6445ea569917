import {
  type Command,
  type DomainEvent,
  type FollowUp,
  followUpsOf,
  type InventoryEvent,
  lot,
  NO_FOLLOW_UPS,
  type Policy,
  type RecordedEvent,
  stock,
  type StockCommand,
  type StreamDefinition,
} from '../domain';
import {
  type CommandContext,
  type Executor,
  type Outcome,
  StoreUnavailableError,
  UNDECIDED,
} from '../eventstore';
import { sha256, uuidV5 } from '../runtime';
import type { FactsReader } from './facts';
import { inParallel } from './in-parallel';

/**
 * One leg: a command that an event leads to. Its id comes from the event's, so it is the same whoever sends it, however
 * often. Holds nothing of the event but what the command needs, since many may wait.
 */
export interface Leg {
  readonly commandId: string;
  readonly cause: Cause;
  /** Which of the commands that follow from the event. */
  readonly index: number;
  readonly followUp: FollowUp;
}

/** Of the event that a leg follows from. */
export interface Cause extends Pick<
  CommandContext,
  'correlationId' | 'tenant' | 'actor' | 'reason' | 'effectiveAt'
> {
  readonly eventId: string;
  readonly type: string;
  readonly stream: string;
  /** In the log of all streams. */
  readonly position: bigint;
  readonly recordedAt: string;
}

export type LegOutcome =
  /** Its events stand in its stream up to the position; undefined: it had nothing to change there. */
  | { readonly kind: 'applied'; readonly position: bigint | undefined }
  /** Not in time: the store is away, the stream is busy. It stays owed. */
  | { readonly kind: 'pending'; readonly code: string; readonly detail: string }
  /** A rule says no, which no rule may say to a leg: somebody has to look. */
  | { readonly kind: 'refused'; readonly code: string; readonly detail: string };

export interface Followed {
  readonly leg: Leg;
  readonly outcome: LegOutcome;
}

export interface FollowUpsOptions {
  readonly executor: Pick<Executor, 'execute'>;
  readonly facts: FactsReader;
  readonly policy?: Policy;
  /** Legs under way at once in one call. */
  readonly atOnce?: number;
}

type AnyDefinition = StreamDefinition<unknown, Command, DomainEvent, unknown, string>;

interface Follower {
  readonly definition: AnyDefinition;
  readonly facts: (
    reader: FactsReader,
    command: Command,
    context: CommandContext,
    fresh: boolean,
  ) => Promise<unknown>;
}

/** How the legs of each kind of stream are decided, and what they need to know for it. */
const followers: Readonly<Record<FollowUp['category'], Follower>> = {
  stock: {
    definition: stock as unknown as AnyDefinition,
    facts: (reader, command, context, fresh) =>
      reader.factsOf(command as StockCommand, context, fresh),
  },
  lot: {
    definition: lot as unknown as AnyDefinition,
    // A lot is decided upon by itself alone.
    facts: () => Promise.resolve(null),
  },
};

export const NO_LEGS: readonly Leg[] = [];
const AT_ONCE = 8;
/** Legs of legs of legs; what lies deeper is left to the policy, as everything that is owed. */
const DEEPEST = 8;
/**
 * Runs what follows from events on other streams. Running a leg twice, at once in two processes or after a crash changes
 * nothing: its stream knows its command id.
 */
export class FollowUps {
  private readonly policy: Policy;

  constructor(private readonly options: FollowUpsOptions) {
    this.policy = options.policy ?? followUpsOf;
  }

  /** `NO_LEGS` itself where nothing follows. */
  legsOf(events: readonly RecordedEvent[]): readonly Leg[] {
    let legs = NO_LEGS;
    for (const event of events) {
      const followUps = this.policy(event as InventoryEvent);
      if (followUps !== NO_FOLLOW_UPS && followUps.length > 0) {
        legs = [...legs, ...followUps.map((followUp, index) => legOf(event, followUp, index))];
      }
    }
    return legs;
  }

  /**
   * Runs legs, and those that follow from their events in turn. Answers all of them, those asked for first. Never rejects.
   * `deadline`: as in a CommandContext.
   */
  async run(legs: readonly Leg[], deadline: number): Promise<readonly Followed[]> {
    const followed: Followed[] = [];
    let round = legs;
    for (let depth = 0; round.length > 0 && depth < DEEPEST; depth += 1) {
      const ran = await inParallel(round, this.options.atOnce ?? AT_ONCE, (leg) =>
        this.runOne(leg, deadline),
      );
      for (const { leg, outcome } of ran) followed.push({ leg, outcome });
      round = ran.flatMap(({ next }) => next);
    }
    for (const leg of round) followed.push({ leg, outcome: TOO_DEEP });
    return followed;
  }

  private async runOne(
    leg: Leg,
    deadline: number,
  ): Promise<Followed & { readonly next: readonly Leg[] }> {
    const outcome = await this.send(leg, deadline);
    if (outcome.kind === 'accepted') {
      const { events } = outcome;
      const { category, stream } = leg.followUp;
      if (category !== 'stock') this.options.facts.changed(stream);
      const position = events.length > 0 ? outcome.position : undefined;
      return { leg, outcome: { kind: 'applied', position }, next: this.legsOf(events) };
    }
    const { code, detail } = outcome.refusal;
    const kind = UNDECIDED.has(code) ? 'pending' : 'refused';
    return { leg, outcome: { kind, code, detail }, next: NO_LEGS };
  }

  private async send(leg: Leg, deadline: number): Promise<Outcome<DomainEvent, string>> {
    const { followUp } = leg;
    const { definition, facts } = followers[followUp.category];
    const context = contextOf(leg, deadline);
    const { executor, facts: reader } = this.options;
    try {
      return await executor.execute({
        definition,
        stream: followUp.stream,
        command: followUp.command,
        context,
        facts: (fresh) => facts(reader, followUp.command, context, fresh),
      });
    } catch (error) {
      const code = error instanceof StoreUnavailableError ? 'STORE_UNAVAILABLE' : 'INTERNAL_ERROR';
      return { kind: 'refused', refusal: { code, detail: messageOf(error) } };
    }
  }
}

const TOO_DEEP: LegOutcome = {
  kind: 'pending',
  code: 'STREAM_BUSY',
  detail: 'it follows from too many others to be done at once',
};

function legOf({ id, ...event }: RecordedEvent, followUp: FollowUp, index: number): Leg {
  const { correlationId, tenant, actor, reason, effectiveAt, recordedAt } = event.metadata;
  const { type, stream, position } = event;
  return {
    commandId: uuidV5(id, String(index)),
    cause: {
      eventId: id,
      type,
      stream,
      position,
      correlationId,
      tenant,
      actor,
      effectiveAt,
      recordedAt,
      ...(reason !== undefined && { reason }),
    },
    index,
    followUp,
  };
}

function contextOf({ commandId, cause, followUp }: Leg, deadline: number): CommandContext {
  const { eventId, correlationId, tenant, actor, reason, effectiveAt } = cause;
  return {
    commandId,
    // Not of the body: a later version may say the same in other words, and its retries must be known as such.
    commandHash: sha256(`${followUp.command.type}\n${followUp.stream}\n${eventId}`),
    correlationId,
    causationId: eventId,
    tenant,
    actor,
    effectiveAt,
    mayBeRetry: true,
    deadline,
    ...(reason !== undefined && { reason }),
  };
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
