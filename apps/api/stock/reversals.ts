import { Inject, Injectable } from '@nestjs/common';
import { inParallel } from '../../../libs/application';
import { type StockEvent } from '../../../libs/domain';
import { positionToken, UNDECIDED } from '../../../libs/eventstore';
import {
  type CorrelatedMovement,
  countCorrelated,
  readCorrelated,
} from '../../../libs/postgres/queries';
import { commandContext, type CommandHeaders } from '../commands/context';
import { type Accepted, CommandGate } from '../commands/dispatch';
import type { ManyDecided } from '../commands/many';
import { API_DEPS, type ApiDeps } from '../deps';
import { defined } from '../http/canonical';
import { ProblemError } from '../http/errors';
import { Load } from '../http/load';
import { presentRow } from '../http/present';
import { cursorOf, fingerprintOf, keysOf } from '../reading/cursor';
import { PositionWaiter } from '../reading/positions';
import { readModelProblem } from '../reading/read-failures';
import { MOST_MOVEMENTS, type ReverseBody, type ReverseCorrelationBody } from './reversals.dto';
import { decidedOnStock, type DecidedOnStock } from './decided';

/** Movements between two looks at the time; those of one stream go back one after the other. */
const CHUNK = 50;
const STREAMS_AT_ONCE = 8;
/** No chunk begins later: whoever asks hears of it before they give up. */
const TIME_MS = 8_000;
const WAIT_FOR_TABLES_MS = 10_000;

/** Not of one movement: the request itself cannot go on, and its retry does where it stopped. */
const OF_THE_REQUEST: ReadonlySet<string> = new Set([
  ...UNDECIDED,
  'IDEMPOTENCY_KEY_REUSED',
  'EFFECTIVE_AT_TOO_OLD',
]);

/** A movement and where it stands in the log. */
export type Standing = Pick<CorrelatedMovement, 'movementId' | 'sku' | 'location' | 'revision'>;

/** Older than this, and how many of those there are. */
interface Start {
  readonly before: string;
  readonly left: number;
}

interface Looked {
  readonly movement: CorrelatedMovement;
  readonly outcome: Accepted<StockEvent> | ProblemError;
}

/** Takes back everything that came with a correlation id: what came last goes back first, each by the ordinary command. */
@Injectable()
export class Reversals {
  constructor(
    private readonly commands: CommandGate,
    private readonly positions: PositionWaiter,
    @Inject(Load) private readonly load: Load,
    @Inject(API_DEPS) private readonly deps: ApiDeps,
  ) {}

  /** What is decided when one movement is taken back. */
  of(
    { movementId, sku, location, revision }: Standing,
    error: ReverseBody['error'],
  ): DecidedOnStock {
    const data = { sku, location, movementId, error };
    const decided = decidedOnStock(this.commands, { type: 'ReverseMovement', data });
    return {
      ...decided,
      facts: async (fresh, context) => {
        const known = await decided.facts(fresh, context);
        const movement = await this.commands.facts.movementAt(data, movementId, revision);
        return { ...known, movement };
      },
    };
  }

  async ofCorrelation(body: ReverseCorrelationBody, headers: CommandHeaders): Promise<ManyDecided> {
    this.load.enter();
    try {
      return await this.takenBack(body, headers);
    } finally {
      this.load.leave();
    }
  }

  private async takenBack(
    body: ReverseCorrelationBody,
    headers: CommandHeaders,
  ): Promise<ManyDecided> {
    const { correlationId, cursor, limit = MOST_MOVEMENTS } = body;
    const fingerprint = fingerprintOf('correlated movements', { correlationId });
    const start = cursor === undefined ? undefined : startOf(fingerprint, cursor);
    const { movements, left } = await this.movementsOf(correlationId, start, limit);
    const until = performance.now() + TIME_MS;
    const looked: Looked[] = [];
    while (looked.length < movements.length && performance.now() < until) {
      const chunk = movements.slice(looked.length, looked.length + CHUNK);
      looked.push(...(await this.chunk(chunk, body, headers)));
    }
    const isEnd = movements.length < limit && looked.length === movements.length;
    const remaining = isEnd ? 0 : Math.max(0, left - looked.length);
    const last = looked.at(-1)?.movement.position;
    const nextCursor =
      remaining > 0 && last !== undefined ? cursorOf(fingerprint, [last, String(remaining)]) : null;
    const accepted = looked.flatMap(({ outcome }) =>
      outcome instanceof ProblemError ? [] : [outcome],
    );
    return {
      told: {
        ...(headers.dryRun && { dryRun: true }),
        correlationId,
        ...verdicts(looked),
        remaining,
        nextCursor,
        position: this.commands.positionBehind(accepted),
      },
      accepted,
    };
  }

  /** Begins when the tables show everything that was written before the request. */
  private async movementsOf(
    correlationId: string,
    start: Start | undefined,
    limit: number,
  ): Promise<{ readonly movements: readonly CorrelatedMovement[]; readonly left: number }> {
    const db = this.deps.readModels;
    try {
      if (!start) await this.caughtUp();
      const wanted = { before: start?.before, limit };
      const movements = await readCorrelated(db, correlationId, wanted);
      if (!start && movements.length === 0) {
        throw new ProblemError(
          'MOVEMENT_NOT_FOUND',
          `nothing moved under the correlation id ${correlationId}; GET /api/v1/audit-logs shows the correlationId of every event`,
        );
      }
      // Counted last: what comes meanwhile makes it too many, never too few.
      return { movements, left: start?.left ?? (await countCorrelated(db, correlationId)) };
    } catch (error) {
      throw readModelProblem(error) ?? error;
    }
  }

  private async caughtUp(): Promise<void> {
    const { store } = this.deps;
    const head = positionToken(store.storeId, await store.head());
    await this.positions.reached(head, ['ledger', 'audit_log'], WAIT_FOR_TABLES_MS);
  }

  /** Streams side by side; the first failure that is none of a movement ends it, once nothing is under way. */
  private async chunk(
    movements: readonly CorrelatedMovement[],
    body: ReverseCorrelationBody,
    headers: CommandHeaders,
  ): Promise<readonly Looked[]> {
    const byStream = new Map<string, number[]>();
    for (const [at, { sku, location }] of movements.entries()) {
      const stream = JSON.stringify([sku, location]);
      byStream.set(stream, [...(byStream.get(stream) ?? []), at]);
    }
    const looked: Looked[] = [];
    const failures: unknown[] = [];
    await inParallel([...byStream.values()], STREAMS_AT_ONCE, async (places) => {
      for (const at of places) {
        if (failures.length > 0) return;
        const movement = movements[at]!;
        try {
          looked[at] = { movement, outcome: await this.one(movement, body, headers) };
        } catch (error) {
          failures.push(error);
        }
      }
    });
    if (failures.length > 0) throw failures[0];
    return looked;
  }

  private async one(
    movement: CorrelatedMovement,
    { error, reason, effectiveAt }: ReverseCorrelationBody,
    headers: CommandHeaders,
  ): Promise<Looked['outcome']> {
    const { movementId } = movement;
    const now = this.deps.now();
    const decided = this.of(movement, error);
    const context = commandContext(
      // No key that a client can send has a line break.
      { ...headers, key: `${headers.key}\n${movementId}` },
      {
        type: decided.command.type,
        body: { movementId, error, ...defined({ reason, effectiveAt }) },
        reason,
        effectiveAt,
      },
      this.deps.config,
      now,
    );
    const outcome = await this.commands.decide(decided, context, now);
    if (outcome instanceof ProblemError && OF_THE_REQUEST.has(outcome.code)) throw outcome;
    return outcome;
  }
}

function verdicts(looked: readonly Looked[]): object {
  const reversed: object[] = [];
  const conflicts: object[] = [];
  let alreadyReversed = 0;
  for (const { movement, outcome } of looked) {
    if (!(outcome instanceof ProblemError)) reversed.push(presented(movement));
    else if (outcome.code === 'MOVEMENT_ALREADY_REVERSED') alreadyReversed += 1;
    else {
      const { code, detail } = outcome;
      conflicts.push({ ...presented(movement), code, detail });
    }
  }
  return { reversed, alreadyReversed, conflicts };
}

const presented = ({ position: _, revision: __, ...movement }: CorrelatedMovement): object =>
  presentRow(movement);

function startOf(fingerprint: string, cursor: string): Start {
  const [before = '', left = ''] = keysOf(fingerprint, cursor);
  if (/^\d{1,18}$/.test(before) && /^\d{1,15}$/.test(left)) return { before, left: Number(left) };
  throw new ProblemError(
    'CURSOR_INVALID',
    'send nextCursor of the answer before as it is, or none',
  );
}
