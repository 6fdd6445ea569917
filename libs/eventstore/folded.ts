import type { CommandSource, DomainEvent, EventMetadata, RecordedEvent } from '../domain';

/** How many command ids a stream remembers by itself. */
export const REMEMBERED_COMMANDS = 4_096;
/** How many ordered sources a stream remembers. */
const REMEMBERED_SOURCES = 64;

/** Where the events of a decided command stand in its stream. */
export interface DecidedHere {
  readonly commandHash: string;
  readonly firstRevision: number;
  lastRevision: number;
}

/**
 * A stream folded to its end: the domain's state, and what `execute` itself must remember. The state is immutable; the
 * memory is not, so one Folded belongs to one stream worker at a time.
 */
export class Folded<State> {
  revision = -1;
  /** Of the last event; events that were appended together may share the last one's. */
  position: bigint | undefined;
  /** Oldest first. */
  readonly commands = new Map<string, DecidedHere>();
  /** The position up to which command ids have been let go; undefined: every one is here. */
  forgottenUpTo: bigint | undefined;
  private readonly sources = new Map<string, number>();

  constructor(
    public state: State,
    private readonly evolve: (state: State, event: DomainEvent, recorded: EventMetadata) => State,
  ) {}

  /** Takes in an event that stands in the log. */
  apply(event: RecordedEvent): void {
    this.state = this.evolve(this.state, event, event.metadata);
    this.revision = event.revision;
    this.position = event.position;
    this.remember(event);
    const { source } = event.metadata;
    if (source)
      this.sources.set(source.id, Math.max(source.sequence, this.sources.get(source.id) ?? 0));
    if (this.sources.size > REMEMBERED_SOURCES) this.sources.delete(first(this.sources));
  }

  /** True when this stream has gone past the source's row. */
  hasPassed(source: CommandSource): boolean {
    return (this.sources.get(source.id) ?? -1) >= source.sequence;
  }

  private remember({ metadata, revision, position }: RecordedEvent): void {
    const known = this.commands.get(metadata.commandId);
    if (known) {
      known.lastRevision = revision;
      return;
    }
    const { commandId, commandHash } = metadata;
    this.commands.set(commandId, { commandHash, firstRevision: revision, lastRevision: revision });
    if (this.commands.size > REMEMBERED_COMMANDS) {
      this.commands.delete(first(this.commands));
      this.forgottenUpTo = position;
    }
  }
}

const first = <K>(map: Map<K, unknown>): K => map.keys().next().value as K;
