import type { CommandSource, DomainEvent, EventMetadata, RecordedEvent } from '../domain';
import { Ring } from '../runtime';
import { ForgottenIds } from './forgotten-ids';

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

interface Remembered extends DecidedHere {
  /** Of its last event. */
  position: bigint;
}

/**
 * A stream folded to its end: the domain's state, and what `execute` itself must remember. The state is immutable; the
 * memory is not, so one Folded belongs to one stream worker at a time.
 */
export class Folded<State> {
  revision = -1;
  /** Of the last event; events that were appended together may share the last one's. */
  position: bigint | undefined;
  readonly commands = new Map<string, Remembered>();
  /** The position up to which command ids have been let go; undefined: every one is here. */
  forgottenUpTo: bigint | undefined;
  private readonly ids = new Ring<string>(REMEMBERED_COMMANDS);
  private forgottenIds: ForgottenIds | undefined;
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
    if (this.sources.size <= REMEMBERED_SOURCES) return;
    const [longestAgo] = this.sources.keys();
    this.sources.delete(longestAgo!);
  }

  /** True when this stream has gone past the source's row. */
  hasPassed(source: CommandSource): boolean {
    return (this.sources.get(source.id) ?? -1) >= source.sequence;
  }

  private remember({ metadata, revision, position }: RecordedEvent): void {
    const known = this.commands.get(metadata.commandId);
    if (known) {
      Object.assign(known, { lastRevision: revision, position });
      return;
    }
    const { commandId, commandHash } = metadata;
    const at = { commandHash, firstRevision: revision, lastRevision: revision, position };
    this.commands.set(commandId, at);
    const gone = this.ids.push(commandId);
    if (gone !== undefined) this.forget(gone);
  }

  private forget(commandId: string): void {
    this.forgottenUpTo = this.commands.get(commandId)?.position;
    this.commands.delete(commandId);
    this.forgottenIds ??= new ForgottenIds();
    this.forgottenIds.add(commandId);
  }

  /** True when the command may have been decided here so long ago that only a look-up can tell. */
  mayHaveForgotten(commandId: string): boolean {
    return !this.commands.has(commandId) && this.forgottenIds?.mayHave(commandId) === true;
  }
}
