import type { Command, DomainEvent, RecordedEvent, Refusal, StreamDefinition } from '../domain';
import { newOrderedId } from '../runtime';
import { checkEncodable, categoryOf } from './codec';
import type { Folded } from './folded';
import type { DecidedHere } from './remembered-commands';
import { UNDECIDED, type CommandContext, type CommandRequest, type Series } from './types';

export type AnyRequest = CommandRequest<unknown, Command, DomainEvent, unknown, string>;
export type AnyDefinition = StreamDefinition<unknown, Command, DomainEvent, unknown, string>;

/** What became of one command in a round of deciding; nothing is written yet. */
export type Verdict =
  | { readonly kind: 'events'; readonly events: readonly RecordedEvent[] }
  | { readonly kind: 'told'; readonly events: readonly RecordedEvent[]; readonly revision: number }
  | {
      readonly kind: 'unchanged';
      readonly revision: number;
      readonly position: bigint | undefined;
    }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  /** Decided before, here. */
  | { readonly kind: 'replay'; readonly at: DecidedHere }
  /** The same command twice in one round: it gets the answer of the first. */
  | { readonly kind: 'twin'; readonly of: number }
  | { readonly kind: 'reused'; readonly stream: string; readonly at: DecidedHere | undefined }
  /** Left for the next round: this one is full. */
  | { readonly kind: 'postponed' };

/** Payload and metadata of one append stay far below the store's limit of 1 MiB. */
const MAX_ROUND_BYTES = 256 * 1024;
/** The body comes back in payload and metadata: an event made of it stays below MAX_EVENT_BYTES. */
const MAX_COMMAND_BYTES = 16 * 1024;
/** Metadata, facts and payload beside the command's own body, roughly. */
const BYTES_BESIDE_BODY = 1_200;

export const COMES_AFTER =
  'one before it in the same request was not decided; this one was not looked at, send it again after that one';

export interface Elsewhere {
  readonly stream: string;
  readonly commandHash: string;
  readonly at: DecidedHere | undefined;
}

/** Decides commands one after the other, each on the state that the ones before it leave behind. */
export class Round {
  readonly verdicts: Verdict[] = [];
  readonly appended: RecordedEvent[] = [];
  private state: unknown;
  private revision: number;
  private bytes = 0;
  private readonly ids = new Map<string, DecidedHere & { readonly index: number }>();
  private readonly sequences = new Map<string, number>();
  /** Those of which a command was left undecided here. */
  private readonly endedSeries = new Set<Series>();

  constructor(
    private readonly definition: AnyDefinition,
    private readonly stream: string,
    private readonly folded: Folded<unknown>,
    private readonly recordedAt: string,
  ) {
    this.state = folded.state;
    this.revision = folded.revision;
  }

  /** True when a verdict says no, or tells what would happen: that must rest on the head of the stream. */
  get restsOnHead(): boolean {
    return this.verdicts.some(
      ({ kind }) => kind === 'refused' || kind === 'told' || kind === 'unchanged',
    );
  }

  decide(request: AnyRequest, facts: unknown, elsewhere: Elsewhere | undefined): void {
    const { series } = request.context;
    const verdict = this.verdictOn(request, facts, elsewhere);
    if (series && verdict.kind === 'refused' && UNDECIDED.has(verdict.refusal.code)) {
      this.endedSeries.add(series);
    }
    this.verdicts.push(verdict);
  }

  private verdictOn(
    request: AnyRequest,
    facts: unknown,
    elsewhere: Elsewhere | undefined,
  ): Verdict {
    const { context, command } = request;
    const decided = this.decidedBefore(context, elsewhere);
    if (decided) return decided;
    if (this.bytes > MAX_ROUND_BYTES) return { kind: 'postponed' };
    if (context.series && this.endedSeries.has(context.series)) {
      return { kind: 'refused', refusal: { code: 'EARLIER_UNDECIDED', detail: COMES_AFTER } };
    }
    const bytes = Buffer.byteLength(JSON.stringify(command.data));
    const refusal = bytes > MAX_COMMAND_BYTES ? tooLarge(bytes) : this.standingInTheWay(context);
    if (refusal) return { kind: 'refused', refusal };
    const decision = this.definition.decide(command, this.state, facts);
    if (!decision.accepted) return { kind: 'refused', refusal: decision.refusal };
    if (decision.events.length === 0) {
      return { kind: 'unchanged', revision: this.revision, position: this.folded.position };
    }
    const events = this.record(request, decision.events, facts);
    if (context.dryRun) return { kind: 'told', events, revision: this.revision + events.length };
    return this.take(context, events, bytes);
  }

  private decidedBefore(
    { commandId, commandHash }: CommandContext,
    elsewhere: Elsewhere | undefined,
  ): Verdict | undefined {
    const here = this.folded.commands.get(commandId);
    if (here) {
      return here.commandHash === commandHash
        ? { kind: 'replay', at: here }
        : { kind: 'reused', stream: this.stream, at: here };
    }
    const twin = this.ids.get(commandId);
    if (twin) {
      return twin.commandHash === commandHash
        ? { kind: 'twin', of: twin.index }
        : { kind: 'reused', stream: this.stream, at: twin };
    }
    if (!elsewhere) return undefined;
    const same = elsewhere.stream === this.stream && elsewhere.commandHash === commandHash;
    return same && elsewhere.at
      ? { kind: 'replay', at: elsewhere.at }
      : { kind: 'reused', stream: elsewhere.stream, at: elsewhere.at };
  }

  private standingInTheWay(context: CommandContext): Refusal | undefined {
    const { effectiveAt, earliestEffectiveAt, expectedRevision, source } = context;
    if (earliestEffectiveAt !== undefined && effectiveAt < earliestEffectiveAt) {
      return {
        code: 'EFFECTIVE_AT_TOO_OLD',
        detail: `effectiveAt ${effectiveAt} is too long ago; what happened before ${earliestEffectiveAt} is not taken any more: record it as of a later time, or have the limit raised`,
      };
    }
    if (expectedRevision !== undefined && expectedRevision !== this.revision) {
      return {
        code: 'REVISION_MISMATCH',
        detail: `you saw revision ${expectedRevision}, it is ${this.revision} now; read it again and decide anew`,
      };
    }
    if (
      source &&
      (this.folded.hasPassed(source) || (this.sequences.get(source.id) ?? -1) >= source.sequence)
    ) {
      return {
        code: 'SEQUENCE_PASSED',
        detail: `this stream has gone past row ${source.sequence} of ${source.id}, which was not accepted then; send it without X-Source if it is to be decided anew`,
      };
    }
    return undefined;
  }

  private record(
    request: AnyRequest,
    events: readonly DomainEvent[],
    facts: unknown,
  ): RecordedEvent[] {
    const { context, command, stream } = request;
    const {
      commandId,
      commandHash,
      correlationId,
      causationId,
      tenant,
      actor,
      reason,
      effectiveAt,
      source,
    } = context;
    const category = categoryOf(stream);
    return events.map((event, index) => {
      checkEncodable(category, event);
      return {
        // Never the same for two decisions: the store takes an equal id at an equal revision for the same event.
        // In the order of time: an index of a million event ids grows at its end.
        id: newOrderedId(),
        stream,
        category,
        revision: this.revision + 1 + index,
        position: 0n,
        type: event.type,
        data: event.data,
        metadata: {
          commandId,
          commandHash,
          correlationId,
          causationId,
          tenant,
          actor,
          ...(reason !== undefined && { reason }),
          effectiveAt,
          recordedAt: this.recordedAt,
          schema: 1,
          ...(source && { source }),
          ...(index === 0 && { command: { type: command.type, data: command.data }, facts }),
        },
      };
    });
  }

  private take(
    context: CommandContext,
    events: readonly RecordedEvent[],
    bodyBytes: number,
  ): Verdict {
    const { commandId, commandHash, source } = context;
    for (const event of events)
      this.state = this.definition.evolve(this.state, event, event.metadata);
    const firstRevision = this.revision + 1;
    this.revision += events.length;
    this.bytes += events.length * (BYTES_BESIDE_BODY + 2 * bodyBytes);
    const index = this.verdicts.length;
    this.ids.set(commandId, { index, commandHash, firstRevision, lastRevision: this.revision });
    if (source) this.sequences.set(source.id, source.sequence);
    this.appended.push(...events);
    return { kind: 'events', events };
  }
}

const tooLarge = (bytes: number): Refusal => ({
  code: 'COMMAND_TOO_LARGE',
  detail: `a command of ${bytes} bytes is too large; send at most ${MAX_COMMAND_BYTES}`,
});
