import { type StockCommand, stock, stockStream } from '../domain';
import type { CommandContext, Executor } from '../eventstore';
import { RecentMap, sha256, uuidV5 } from '../runtime';
import type { FactsReader } from './facts';
import { inParallel } from './in-parallel';

/** An open reservation whose time is over. */
export interface DueReservation {
  readonly reservationId: string;
  readonly sku: string;
  readonly location: string;
  /** ISO-8601 UTC. */
  readonly expiresAt: string;
}

/** The table of reservations, which may be behind the streams. */
export interface DueReservations {
  /** Those whose time is over at an instant (ISO-8601 UTC), the earliest first; rejects while the table does not answer. */
  due(at: string, limit: number): Promise<readonly DueReservation[]>;
}

export interface ReservationExpiryOptions {
  readonly executor: Pick<Executor, 'execute'>;
  readonly facts: FactsReader;
  readonly tenant: string;
  readonly reservations: DueReservations;
  readonly now?: () => Date;
}

/** What became of one look at the table: streams whose reservations were ended, and why others were not. */
export interface Looked {
  readonly ended: number;
  readonly failures: readonly {
    readonly stream: string;
    readonly code: string;
    readonly detail: string;
  }[];
}

/** Namespace of the command ids; never changes, or a second sending would no longer be known as one. */
const EXPIRIES = '0d2f4a1c-3f1b-5b0e-8a52-6c6d0c1f7e41';
const AT_ONCE = 4;
const MOST_DUE = 1_000;
/** Streams that were told lately: the table learns of it a little later. */
const REMEMBERED = 20_000;
const DEADLINE_MS = 10_000;
const ACTOR = 'system';

/**
 * Ends reservations whose time is over. The streams themselves judge by the clock whatever they decide, so a late look
 * gives no wrong answer; it only makes what is over visible, and gives back what nobody asks for.
 */
export class ReservationExpiry {
  private readonly told = new RecentMap<string, true>(REMEMBERED);
  private readonly now: () => Date;

  constructor(private readonly options: ReservationExpiryOptions) {
    this.now = options.now ?? (() => new Date());
  }

  async look(): Promise<Looked> {
    const at = this.now().toISOString();
    const due = await this.options.reservations.due(at, MOST_DUE);
    const commands = [...byStream(this.options.tenant, due)]
      .map(([stream, reservations]) => ({ stream, reservations, id: idOf(stream, reservations) }))
      .filter(({ id }) => !this.told.has(id));
    const failures: Looked['failures'][number][] = [];
    await inParallel(commands, AT_ONCE, async ({ stream, reservations, id }) => {
      const outcome = await this.send(stream, reservations[0]!, id, at);
      if (outcome.kind === 'accepted') this.told.set(id, true);
      else failures.push({ stream, ...outcome.refusal });
    });
    return { ended: commands.length - failures.length, failures };
  }

  private send(stream: string, { sku, location }: DueReservation, commandId: string, at: string) {
    const { executor, facts, tenant } = this.options;
    const command: StockCommand = { type: 'ExpireReservations', data: { sku, location } };
    const context: CommandContext = {
      commandId,
      commandHash: sha256(`${command.type}\n${commandId}`),
      correlationId: commandId,
      causationId: commandId,
      tenant,
      actor: ACTOR,
      effectiveAt: at,
      mayBeRetry: true,
      deadline: performance.now() + DEADLINE_MS,
    };
    return executor.execute({
      definition: stock,
      stream,
      command,
      context,
      facts: (fresh) => facts.stockFacts(command.data, context, fresh),
    });
  }
}

function byStream(
  tenant: string,
  due: readonly DueReservation[],
): ReadonlyMap<string, readonly DueReservation[]> {
  const streams = new Map<string, DueReservation[]>();
  for (const reservation of due) {
    const stream = stockStream(tenant, reservation.sku, reservation.location);
    const known = streams.get(stream);
    if (known) known.push(reservation);
    else streams.set(stream, [reservation]);
  }
  return streams;
}

/** The same wherever and however often it is sent for these reservations; one that was extended is another. */
const idOf = (stream: string, reservations: readonly DueReservation[]): string =>
  uuidV5(
    EXPIRIES,
    JSON.stringify([
      stream,
      ...reservations.map(({ reservationId, expiresAt }) => [reservationId, expiresAt]),
    ]),
  );
