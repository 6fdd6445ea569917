import { Inject, Injectable } from '@nestjs/common';
import { Command, CommandBus, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  FactsReader,
  type Followed,
  FollowUps,
  type Leg,
  NO_LEGS,
} from '../../../libs/application';
import type { Command as DomainCommand, DomainEvent, StreamDefinition } from '../../../libs/domain';
import {
  positionToken,
  type CommandContext,
  type CommandRequest,
  type KernelCode,
  type Outcome,
} from '../../../libs/eventstore';
import { commandContext, readHeaders, type Asked } from './context';
import { API_DEPS, type ApiDeps } from '../deps';
import { codeOfRefusal, ProblemError, type RefusalCode } from '../http/errors';
import { Load } from '../http/load';
import { commandsTotal } from '../http/metrics';
import type { Reached } from './reached';
import { RefusalRecorder } from './refusals';

/** A command on its way to the one handler that executes every kind. */
class Dispatch extends Command<Outcome<DomainEvent, RefusalCode>> {
  constructor(
    readonly request: CommandRequest<unknown, DomainCommand, DomainEvent, unknown, RefusalCode>,
  ) {
    super();
  }
}

@CommandHandler(Dispatch)
export class DispatchHandler implements ICommandHandler<Dispatch> {
  constructor(@Inject(API_DEPS) private readonly deps: ApiDeps) {}

  execute({ request }: Dispatch): Promise<Outcome<DomainEvent, RefusalCode>> {
    return this.deps.executor.execute(request);
  }
}

export type Accepted<E extends DomainEvent> = Extract<Outcome<E, string>, { kind: 'accepted' }>;

/** Where an accepted command left its stream; undefined where there is nothing to tell. */
export interface Place {
  readonly revision: number;
  readonly position: string | undefined;
}

/** What is decided, upon what. */
export interface Decided<
  State,
  C extends DomainCommand,
  E extends DomainEvent,
  Facts,
  Code extends RefusalCode,
> {
  readonly definition: StreamDefinition<State, C, E, Facts, Code>;
  readonly stream: string;
  readonly command: C;
  readonly facts: (
    fresh: boolean,
    context: Pick<CommandContext, 'commandId' | 'effectiveAt' | 'actor'>,
  ) => Promise<Facts>;
}

export interface CommandRoute<
  State,
  C extends DomainCommand,
  E extends DomainEvent,
  Facts,
  Code extends RefusalCode,
> extends Decided<State, C, E, Facts, Code> {
  readonly asked: Omit<Asked, 'type'>;
  /** 201 where the command's events make something that was not there. */
  readonly creates: boolean;
  /** What a dry run tells beside its events. */
  readonly tried?: ((accepted: Accepted<E>) => Promise<object>) | undefined;
  /** The answer, out of the stored events only, so that a retry gets the same; and of the legs, where it tells of them. */
  readonly present: (
    accepted: Accepted<E>,
    commandId: string,
    followed: readonly Followed[],
  ) => object;
  /** 202 while a leg is pending, and a position behind those that are applied. Else the answer is that of the stream alone. */
  readonly tellsLegs?: boolean;
  /** Where things stand, for the answer to a command that had nothing to change. Of `tellsLegs`. */
  readonly standing?: () => Promise<Reached>;
}

/** From a checked body to the executor and back to an answer: the path of every command. */
@Injectable()
export class CommandGate {
  constructor(
    @Inject(API_DEPS) private readonly deps: ApiDeps,
    @Inject(CommandBus) private readonly bus: CommandBus,
    @Inject(FactsReader) readonly facts: FactsReader,
    @Inject(FollowUps) private readonly followUps: FollowUps,
    @Inject(RefusalRecorder) private readonly refusals: RefusalRecorder,
    @Inject(Load) private readonly load: Load,
  ) {}

  get tenant(): string {
    return this.deps.config.tenant;
  }

  async run<State, C extends DomainCommand, E extends DomainEvent, Facts, Code extends RefusalCode>(
    request: FastifyRequest,
    reply: FastifyReply,
    route: CommandRoute<State, C, E, Facts, Code>,
  ): Promise<void> {
    const headers = readHeaders(request);
    const { definition, stream, command } = route;
    const asked = { type: command.type, ...route.asked };
    void reply.header('idempotency-key', headers.key);
    const now = this.deps.now();
    const context = commandContext(headers, asked, this.deps.config, now);
    this.load.enter();
    let outcome: Outcome<E, Code>;
    let followed = NOTHING_FOLLOWED;
    let standing: Reached | undefined;
    let beside: object | undefined;
    try {
      outcome = await this.send(route, context);
      if (definition.category !== 'stock') this.facts.changed(stream);
      if (outcome.kind === 'accepted' && context.dryRun) beside = await route.tried?.(outcome);
      else if (outcome.kind === 'accepted') {
        const legs = this.followUps.legsOf(outcome.events);
        if (legs !== NO_LEGS) followed = await this.follow(legs, context.deadline);
        else if (outcome.events.length === 0) standing = await route.standing?.();
      }
    } finally {
      this.load.leave();
    }
    if (outcome.kind === 'refused') throw this.refused(route, context, outcome, now);
    commandsTotal.inc({ type: command.type, outcome: outcomeWord(outcome, context.dryRun) });
    if (!context.dryRun)
      return this.answer(reply, route, outcome, context.commandId, followed, standing);
    const events = outcome.events.map(({ type, data }) => ({ type, data }));
    void reply.status(200).send({ dryRun: true, events, ...beside });
  }

  /** One of the many commands that a request stands for: decided like any other; its sender answers. */
  async decide<
    State,
    C extends DomainCommand,
    E extends DomainEvent,
    Facts,
    Code extends RefusalCode,
  >(
    decided: Decided<State, C, E, Facts, Code>,
    context: CommandContext,
    now: Date,
  ): Promise<Accepted<E> | ProblemError> {
    const outcome = await this.send(decided, context);
    if (outcome.kind === 'refused') return this.refused(decided, context, outcome, now);
    commandsTotal.inc({
      type: decided.command.type,
      outcome: outcomeWord(outcome, context.dryRun),
    });
    const legs = context.dryRun ? NO_LEGS : this.followUps.legsOf(outcome.events);
    if (legs !== NO_LEGS) await this.follow(legs, context.deadline);
    return outcome;
  }

  /** Where a command has left its stream, as every answer tells it. */
  placeOf<E extends DomainEvent>(
    { events, revision, position }: Accepted<E>,
    reached = position,
  ): Place {
    return {
      revision: events.at(-1)?.revision ?? revision,
      position: reached === undefined ? undefined : positionToken(this.deps.store.storeId, reached),
    };
  }

  /** Behind the last of them; null where nothing was written. */
  positionBehind(accepted: readonly Pick<Accepted<DomainEvent>, 'position'>[]): string | null {
    const last = accepted.reduce<bigint | undefined>(
      (furthest, { position }) => further(furthest, position),
      undefined,
    );
    return last === undefined ? null : positionToken(this.deps.store.storeId, last);
  }

  private send<
    State,
    C extends DomainCommand,
    E extends DomainEvent,
    Facts,
    Code extends RefusalCode,
  >(
    decided: Decided<State, C, E, Facts, Code>,
    context: CommandContext,
  ): Promise<Outcome<E, Code>> {
    const { definition, stream, command } = decided;
    const facts = (fresh: boolean): Promise<Facts> => decided.facts(fresh, context);
    return this.bus.execute(
      new Dispatch({ definition, stream, command, context, facts } as never),
    ) as Promise<Outcome<E, Code>>;
  }

  /** Counts and records a refusal. */
  private refused<Code extends RefusalCode>(
    { command: { type }, stream }: { readonly command: DomainCommand; readonly stream: string },
    context: CommandContext,
    { refusal }: Extract<Outcome<DomainEvent, Code>, { kind: 'refused' }>,
    now: Date,
  ): ProblemError {
    const { code, detail } = refusal as { code: Code | KernelCode; detail: string };
    commandsTotal.inc({ type, outcome: code });
    if (!context.dryRun) this.record(type, stream, context, code, detail, now);
    return new ProblemError(codeOfRefusal(code), detail);
  }

  /** Also after a replay: a retry drives what the first attempt has left owed. */
  private async follow(legs: readonly Leg[], deadline: number): Promise<readonly Followed[]> {
    const followed = await this.followUps.run(legs, deadline);
    for (const { leg, outcome } of followed) {
      if (outcome.kind === 'applied') continue;
      const { commandId, cause, followUp } = leg;
      const told = { commandId, cause: cause.eventId, stream: followUp.stream, outcome };
      if (outcome.kind === 'refused') this.deps.logger.error(told, 'a follower refused its leg');
      else this.deps.logger.debug(told, 'a leg is left to the policy');
    }
    return followed;
  }

  private answer<
    State,
    C extends DomainCommand,
    E extends DomainEvent,
    F,
    Code extends RefusalCode,
  >(
    reply: FastifyReply,
    route: CommandRoute<State, C, E, F, Code>,
    outcome: Accepted<E>,
    commandId: string,
    followed: readonly Followed[],
    standing: Reached | undefined,
  ): void {
    const isNew = outcome.events.length > 0;
    const reached = route.tellsLegs ? behind(outcome.position, followed) : outcome.position;
    const place = this.placeOf(outcome, reached);
    const isOwed = route.tellsLegs && (isPending(followed) || isAwaited(standing));
    void reply
      .status(isOwed ? 202 : route.creates && isNew ? 201 : 200)
      .header('etag', `"${place.revision}"`)
      .headers(outcome.replayed ? { 'idempotent-replayed': 'true' } : {})
      .send(Object.assign(route.present(outcome, commandId, followed), standing, place));
  }

  private record(
    commandType: string,
    stream: string,
    { commandId, tenant, actor }: { commandId: string; tenant: string; actor: string },
    code: string,
    detail: string,
    now: Date,
  ): void {
    const refusedAt = now.toISOString();
    this.refusals.add({ refusedAt, tenant, actor, commandId, commandType, stream, code, detail });
  }
}

const NOTHING_FOLLOWED: readonly Followed[] = [];

const isPending = (followed: readonly Followed[]): boolean =>
  followed.some(({ outcome }) => outcome.kind !== 'applied');

const isAwaited = (standing: Reached | undefined): boolean =>
  standing !== undefined && standing.pending.length > 0;

/** Where a reader sees the legs too. */
function behind(position: bigint | undefined, followed: readonly Followed[]): bigint | undefined {
  let last = position;
  for (const { outcome } of followed) {
    if (outcome.kind === 'applied') last = further(last, outcome.position);
  }
  return last;
}

const further = (a: bigint | undefined, b: bigint | undefined): bigint | undefined =>
  a === undefined || (b !== undefined && b > a) ? b : a;

function outcomeWord(outcome: Accepted<DomainEvent>, dryRun: boolean | undefined): string {
  if (dryRun) return 'dry-run';
  if (outcome.replayed) return 'replayed';
  return outcome.events.length === 0 ? 'unchanged' : 'accepted';
}
