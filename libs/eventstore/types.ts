import type {
  Command,
  CommandSource,
  DomainEvent,
  InventoryEvent,
  RecordedEvent,
  Refusal,
  StreamDefinition,
} from '../domain';

/** A place in the log of all streams. Rises, has gaps, belongs to one store only. */
export interface Position {
  readonly commit: bigint;
  readonly prepare: bigint;
}

/** One thing that the log says, in log order. */
export type LogEntry =
  | { readonly kind: 'event'; readonly event: InventoryEvent }
  /** An event that this version cannot read: a projection stops here and names it. */
  | {
      readonly kind: 'undecodable';
      readonly position: bigint;
      readonly id: string;
      readonly stream: string;
      readonly type: string;
      readonly problem: string;
    }
  /** Nothing of ours up to here. */
  | { readonly kind: 'checkpoint'; readonly position: Position }
  /** Everything that was in the log when we asked has been told; what follows is live. */
  | { readonly kind: 'caughtUp' };

/** The commands of one sender on one stream, which are submitted in the order in which they are to be decided. */
export interface Series {
  /** One of them was left undecided: none that comes after it is decided. */
  undecided: boolean;
}

/** Everything about one command that is not the command itself. */
export interface CommandContext {
  readonly commandId: string;
  /** Digest of the canonical body before defaults. */
  readonly commandHash: string;
  readonly correlationId: string;
  readonly causationId: string;
  readonly tenant: string;
  readonly actor: string;
  readonly reason?: string;
  /** ISO-8601 UTC. */
  readonly effectiveAt: string;
  /** ISO-8601 UTC: who says that it happened before this is refused, except where a retry is answered. Absent: whenever. */
  readonly earliestEffectiveAt?: string;
  readonly source?: CommandSource;
  readonly series?: Series;
  /** The revision the caller saw; any other refuses with REVISION_MISMATCH. */
  readonly expectedRevision?: number;
  /** Decide and tell, write nothing. */
  readonly dryRun?: boolean;
  /** True when the caller made the commandId, so that it may have been used before. */
  readonly mayBeRetry: boolean;
  /** Milliseconds of the process's monotone clock (`performance.now()`) after which we give up. */
  readonly deadline: number;
}

export interface CommandRequest<
  State,
  C extends Command,
  E extends DomainEvent,
  Facts,
  Code extends string,
> {
  readonly definition: StreamDefinition<State, C, E, Facts, Code>;
  readonly stream: string;
  readonly command: C;
  readonly context: CommandContext;
  /** What the decision needs from outside the stream. `fresh` asks for it from the source, past every cache. */
  readonly facts: (fresh: boolean) => Promise<Facts>;
}

export type KernelCode =
  | 'REVISION_MISMATCH'
  | 'IDEMPOTENCY_KEY_REUSED'
  | 'SEQUENCE_PASSED'
  | 'EFFECTIVE_AT_TOO_OLD'
  /** The event store does not answer; this request has written nothing, an earlier one with its key may have. */
  | 'STORE_UNAVAILABLE'
  /** The event store did not say whether it wrote: a retry with the same key finds out. */
  | 'OUTCOME_UNKNOWN'
  /** Others wrote the stream so fast that the command found no turn in time; this request has written nothing. */
  | 'STREAM_BUSY'
  /** One before it in its series was left undecided; this one was not looked at. */
  | 'EARLIER_UNDECIDED'
  | 'COMMAND_TOO_LARGE';

/** These say no about the moment, not about the command: the same command may be sent again. */
export const UNDECIDED: ReadonlySet<string> = new Set<KernelCode>([
  'STORE_UNAVAILABLE',
  'OUTCOME_UNKNOWN',
  'STREAM_BUSY',
  'EARLIER_UNDECIDED',
]);

export type Outcome<E extends DomainEvent, Code extends string> =
  | {
      readonly kind: 'accepted';
      /** As they stand in the log; empty where the command changed nothing. In a dry run: as they would. */
      readonly events: readonly RecordedEvent<E>[];
      /** Of the stream after the command; -1 for a stream without events. */
      readonly revision: number;
      /** Of a command that changed nothing: of its stream's last event. Undefined in a dry run, and for a stream without events. */
      readonly position: bigint | undefined;
      /** The command had been decided before; the events are the stored ones. */
      readonly replayed: boolean;
    }
  | { readonly kind: 'refused'; readonly refusal: Refusal<Code | KernelCode> };

/** Where a command id is looked up that no memory of this process knows: the audit log. */
export interface DecidedCommands {
  /** Rejects while it does not answer. */
  find(commandIds: readonly string[]): Promise<DecidedFound>;
  /** The next command ids behind a position in log order, 16 bytes each; `upTo` is the position of the last. */
  idsAfter(
    position: bigint,
    limit: number,
  ): Promise<{ readonly ids: Uint8Array; readonly upTo: bigint; readonly more: boolean }>;
}

export interface DecidedFound {
  /** The position up to which the audit log knows everything. */
  readonly upTo: bigint;
  /** Of the commands asked for, those that have events. */
  readonly found: ReadonlyMap<string, DecidedCommand>;
}

export interface DecidedCommand {
  readonly commandHash: string;
  readonly stream: string;
  /** Revisions of its first and last event. */
  readonly firstRevision: number;
  readonly lastRevision: number;
}
