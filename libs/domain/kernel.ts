import type { EventCatalogue, Infer } from './schema';

/** What every event carries beside its payload. Instants are ISO-8601 UTC. */
export interface EventMetadata {
  readonly commandId: string;
  /** SHA-256 of the command's canonical body before defaults; tells a retry from a key used twice. */
  readonly commandHash: string;
  readonly correlationId: string;
  readonly causationId: string;
  readonly tenant: string;
  /** An opaque id of who asked; names and addresses live elsewhere and can be erased there. */
  readonly actor: string;
  readonly reason?: string;
  /** When it happened in the world. */
  readonly effectiveAt: string;
  /** When we recorded it, by the clock of the process that decided. */
  readonly recordedAt: string;
  /** Version of this metadata. */
  readonly schema: 1;
  /** The ordered source this command is one row of. */
  readonly source?: CommandSource;
  /** On a command's last event: how many events of other commands follow it in the same append. */
  readonly followers?: number;
  /** On a command's first event: what was asked, ... */
  readonly command?: { readonly type: string; readonly data: unknown };
  /** ... and everything outside the stream that the decision rested upon. */
  readonly facts?: unknown;
}

/**
 * A source whose commands have an order, such as the rows of a file. On one stream its sequence only rises: a command
 * that the source has gone past, and that is not a retry, is refused, so that running an import twice changes nothing.
 */
export interface CommandSource {
  readonly id: string;
  readonly sequence: number;
}

/** An event as it stands in the log. */
export interface RecordedEvent<E extends DomainEvent = DomainEvent> {
  readonly id: string;
  readonly stream: string;
  readonly category: string;
  /** Place in its stream, from 0. */
  readonly revision: number;
  /** Place in the log of all streams: rises, has gaps, means nothing else. */
  readonly position: bigint;
  readonly type: E['type'];
  readonly data: E['data'];
  readonly metadata: EventMetadata;
}

export interface DomainEvent {
  readonly type: string;
  readonly data: object;
}

export type EventsOf<C extends EventCatalogue> = {
  readonly [T in keyof C & string]: { readonly type: T; readonly data: Infer<C[T]> };
}[keyof C & string];

export interface Command {
  readonly type: string;
  readonly data: object;
}

/** A rule said no. The code is stable; the detail tells a person what to do next. */
export interface Refusal<Code extends string = string> {
  readonly code: Code;
  readonly detail: string;
}

/** The verdict over a command: the events to append (none: it changes nothing), or a refusal. */
export type Decision<E extends DomainEvent, Code extends string> =
  | { readonly accepted: true; readonly events: readonly E[] }
  | { readonly accepted: false; readonly refusal: Refusal<Code> };

export const accept = <E extends DomainEvent>(
  ...events: readonly E[]
): { accepted: true; events: readonly E[] } => ({
  accepted: true,
  events,
});

export const refuse = <Code extends string>(
  code: Code,
  detail: string,
): { accepted: false; refusal: Refusal<Code> } => ({ accepted: false, refusal: { code, detail } });

/** What an event of an old type is today; the type it becomes is told without looking at any payload. */
export interface Upcast {
  readonly to: string;
  readonly data: (old: Readonly<Record<string, unknown>>) => Record<string, unknown>;
}

/** Old event type → its successor, which may be an old type itself. */
export type Upcasts = Readonly<Record<string, Upcast>>;

/** How a state is kept outside the process that folded it. */
export interface StateForm<State> {
  /**
   * Raised whenever `evolve` makes something else of a history, or `pack` of a state: what was packed by one version is
   * never read by another.
   */
  readonly version: number;
  /** As a JSON value. */
  readonly pack: (state: State) => unknown;
  /** Throws for what `pack` cannot have made. */
  readonly unpack: (packed: unknown) => State;
  /** How many values it holds, roughly: what it takes in memory. */
  readonly sizeOf: (state: State) => number;
}

/** The form of a state that is a JSON value already. */
export const plainForm = <State>(version: number): StateForm<State> => ({
  version,
  pack: (state) => state,
  unpack: (packed) => packed as State,
  sizeOf: () => 1,
});

/** One kind of stream: its events, its state and its rules. Everything in it is pure. */
export interface StreamDefinition<
  State,
  C extends Command,
  E extends DomainEvent,
  Facts,
  Code extends string = string,
> {
  readonly category: string;
  readonly events: EventCatalogue;
  readonly upcasts: Upcasts;
  readonly initial: State;
  readonly decide: (command: C, state: State, facts: Facts) => Decision<E, Code>;
  readonly evolve: (state: State, event: E, recorded: Pick<EventMetadata, 'effectiveAt'>) => State;
  readonly form: StateForm<State>;
}
