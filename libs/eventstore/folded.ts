import type { CommandSource, DomainEvent, EventMetadata, RecordedEvent } from '../domain';
import { ForgottenIds } from './forgotten-ids';
import { RememberedCommands } from './remembered-commands';
import { Turns } from './turns';

/** How many ordered sources a stream remembers. */
const REMEMBERED_SOURCES = 64;
/** What a filter of forgotten ids weighs, in command ids. */
const WEIGHT_OF_A_FILTER = 512;

/** What folding needs of a stream's definition. */
export interface Foldable<State> {
  readonly initial: State;
  readonly evolve: (state: State, event: DomainEvent, recorded: EventMetadata) => State;
  readonly form: { readonly sizeOf: (state: State) => number };
}

/** A stream up to an event, as a snapshot tells it. */
export interface FoldedParts<State> {
  readonly state: State;
  readonly revision: number;
  /** Of the event at that revision. */
  readonly eventId: string;
  readonly position: bigint;
  readonly commands: RememberedCommands;
  readonly forgottenUpTo: bigint | undefined;
  readonly forgottenIds: ForgottenIds | undefined;
  /** Ids and sequences, that which was seen longest ago first. */
  readonly sources: readonly (readonly [string, number])[];
}

/**
 * A stream folded to its end: the domain's state, and what `execute` itself must remember. The state is immutable; the
 * memory is not, so one Folded belongs to one stream worker at a time.
 */
export class Folded<State> {
  state: State;
  revision = -1;
  /** Of the last event. */
  eventId = '';
  /** Of the last event; events that were appended together may share the last one's. */
  position: bigint | undefined;
  readonly commands: RememberedCommands;
  /** The position up to which command ids have been let go; undefined: every one is here. */
  forgottenUpTo: bigint | undefined;
  forgottenIds: ForgottenIds | undefined;
  private readonly sources: Map<string, number>;
  /** Of the newest snapshot that this one knows of, and when it was made, by `performance.now()`. */
  savedRevision = -1;
  savedAt = -Infinity;
  /** Whose turn it is to write, where several processes do. */
  readonly turns = new Turns();

  constructor(
    private readonly definition: Foldable<State>,
    restored?: FoldedParts<State>,
  ) {
    this.state = restored ? restored.state : definition.initial;
    this.commands = restored?.commands ?? new RememberedCommands();
    this.sources = new Map(restored?.sources);
    if (!restored) return;
    const { revision, eventId, position, forgottenUpTo, forgottenIds } = restored;
    Object.assign(this, { revision, eventId, position, forgottenUpTo, forgottenIds });
    this.savedRevision = revision;
  }

  /** What it takes in memory, in remembered command ids; does not change while it lies in the cache. */
  get weight(): number {
    const filters = this.forgottenIds?.size ?? 0;
    const { size } = this.commands;
    return size + WEIGHT_OF_A_FILTER * filters + this.definition.form.sizeOf(this.state);
  }

  /** Takes in an event that stands in the log. */
  apply(event: RecordedEvent): void {
    this.state = this.definition.evolve(this.state, event, event.metadata);
    this.revision = event.revision;
    this.eventId = event.id;
    this.position = event.position;
    this.remember(event);
    const { source } = event.metadata;
    if (source)
      this.sources.set(source.id, Math.max(source.sequence, this.sources.get(source.id) ?? 0));
    if (this.sources.size <= REMEMBERED_SOURCES) return;
    const [longestAgo] = this.sources.keys();
    this.sources.delete(longestAgo!);
  }

  /** True when this stream has gone past the source's row. */
  hasPassed(source: CommandSource): boolean {
    return (this.sources.get(source.id) ?? -1) >= source.sequence;
  }

  /** Itself, for a snapshot; undefined while there is nothing to keep. */
  get parts(): FoldedParts<State> | undefined {
    const { state, revision, eventId, position, commands, forgottenUpTo, forgottenIds } = this;
    if (position === undefined) return undefined;
    const sources = [...this.sources];
    return {
      state,
      revision,
      eventId,
      position,
      commands,
      forgottenUpTo,
      forgottenIds,
      sources,
    };
  }

  private remember({ metadata, revision, position }: RecordedEvent): void {
    const { commandId, commandHash } = metadata;
    if (this.commands.extend(commandId, revision, position)) return;
    const at = { commandHash, firstRevision: revision, lastRevision: revision, position };
    const gone = this.commands.add(commandId, at);
    if (!gone) return;
    this.forgottenUpTo = gone.position;
    this.forgottenIds ??= new ForgottenIds();
    this.forgottenIds.add(gone.commandId);
  }

  /** True when the command may have been decided here so long ago that only a look-up can tell. */
  mayHaveForgotten(commandId: string): boolean {
    return !this.commands.has(commandId) && this.forgottenIds?.mayHave(commandId) === true;
  }
}
