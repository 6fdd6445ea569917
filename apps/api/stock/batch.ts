import { Inject, Injectable } from '@nestjs/common';
import type { StockCommand, StockEvent } from '../../../libs/domain';
import { type CommandContext, type Series, UNDECIDED } from '../../../libs/eventstore';
import {
  commandContext,
  type CommandHeaders,
  headersOfOne,
  type OwnHeaders,
} from '../commands/context';
import { type Accepted, CommandGate } from '../commands/dispatch';
import type { ManyDecided } from '../commands/many';
import { API_DEPS, type ApiDeps } from '../deps';
import { ProblemError, problemOf } from '../http/errors';
import { Load } from '../http/load';
import { validationProblem } from '../http/validation';
import { MOST_IN_BATCH } from './batch.dto';
import { decidedOnStock, presentMoved } from './decided';
import { genericMovement } from './movements';

interface Recorded {
  readonly result: { readonly status: number; readonly replayed: boolean; readonly body: object };
  readonly accepted: Accepted<StockEvent> | undefined;
}

/** Many movements of one request: each is a command of its own, with a verdict of its own. */
@Injectable()
export class BatchMovements {
  constructor(
    private readonly commands: CommandGate,
    @Inject(Load) private readonly load: Load,
    @Inject(API_DEPS) private readonly deps: ApiDeps,
  ) {}

  async record(form: object, headers: CommandHeaders): Promise<ManyDecided> {
    const movements = movementsOf(form);
    this.load.enter(movements.length);
    try {
      const now = this.deps.now();
      const series = new Map<string, Series>();
      // All are submitted before the first is decided: each stream takes its own in their order.
      const deciding = movements.map((movement, at) =>
        this.decide(movement, at, headers, series, now).catch((error: unknown) =>
          refusedAs(error, headers),
        ),
      );
      // What fails for one is thrown once nothing is under way.
      await Promise.allSettled(deciding);
      return this.toldOf(await Promise.all(deciding), headers);
    } finally {
      this.load.leave(movements.length);
    }
  }

  private async decide(
    movement: unknown,
    at: number,
    headers: CommandHeaders,
    series: Map<string, Series>,
    now: Date,
  ): Promise<Recorded> {
    const { own, form } = partsOf(movement, at);
    const { command, body } = genericMovement(form);
    const { reason, effectiveAt } = body;
    const asked = { type: command.type, body, reason, effectiveAt };
    const context = commandContext(headersOfOne(headers, own, at), asked, this.deps.config, now);
    const decided = decidedOnStock(this.commands, command);
    const inSeries = { ...context, series: seriesOf(series, decided.stream) };
    const outcome = await this.commands.decide(decided, inSeries, now);
    if (outcome instanceof ProblemError) throw outcome;
    return { result: this.resultOf(command, context, outcome), accepted: outcome };
  }

  private resultOf(
    command: StockCommand,
    { commandId, dryRun }: CommandContext,
    outcome: Accepted<StockEvent>,
  ): Recorded['result'] {
    const { events, replayed } = outcome;
    if (dryRun) {
      const told = events.map(({ type, data }) => ({ type, data }));
      return { status: 200, replayed, body: { dryRun, events: told } };
    }
    const answer = presentMoved(command)(outcome, commandId);
    const body = Object.assign(answer, this.commands.placeOf(outcome));
    return { status: events.length > 0 ? 201 : 200, replayed, body };
  }

  private toldOf(recorded: readonly Recorded[], { dryRun }: CommandHeaders): ManyDecided {
    const results = recorded.map(({ result }) => result);
    const accepted = recorded.flatMap(({ accepted }) => accepted ?? []);
    const undecided = results.filter(
      ({ body }) => 'code' in body && UNDECIDED.has(String(body.code)),
    );
    return {
      told: {
        ...(dryRun && { dryRun }),
        results,
        applied: accepted.length,
        refused: results.length - accepted.length - undecided.length,
        undecided: undecided.length,
        position: this.commands.positionBehind(accepted),
      },
      accepted,
    };
  }
}

function refusedAs(error: unknown, { correlationId }: CommandHeaders): Recorded {
  if (!(error instanceof ProblemError)) throw error;
  const body = problemOf(error, correlationId);
  return { result: { status: body.status, replayed: false, body }, accepted: undefined };
}

/** The list itself is judged as a whole, and what is in it one by one. */
function movementsOf(form: object): readonly unknown[] {
  const { movements, ...others } = Object(form) as { readonly movements?: unknown };
  const problems = Object.keys(others).map((field) => ({ field, message: 'is not a field here' }));
  const isList = Array.isArray(movements) && movements.length > 0;
  if (!isList || movements.length > MOST_IN_BATCH) {
    const message = `must be a list of 1 to ${MOST_IN_BATCH} movements`;
    throw validationProblem([{ field: 'movements', message }, ...problems]);
  }
  if (problems.length > 0) throw validationProblem(problems);
  return movements;
}

/** What a movement says of itself as a command, and the movement. */
function partsOf(
  movement: unknown,
  at: number,
): { readonly own: OwnHeaders; readonly form: object } {
  if (typeof movement !== 'object' || movement === null || Array.isArray(movement)) {
    throw validationProblem([{ field: `movements[${at}]`, message: 'must be a JSON object' }]);
  }
  const { idempotencyKey, source, ...form } = movement as OwnHeaders;
  return { own: { idempotencyKey, source }, form };
}

function seriesOf(all: Map<string, Series>, stream: string): Series {
  const series = all.get(stream) ?? { undecided: false };
  all.set(stream, series);
  return series;
}
