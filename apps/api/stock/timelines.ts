import { Inject, Injectable } from '@nestjs/common';
import { effectOf, type RecordedEvent, type StockEvent } from '../../../libs/domain';
import { positionToken, StoreUnavailableError } from '../../../libs/eventstore';
import { readTimeline, type TimelineOf } from '../../../libs/postgres/queries';
import { API_DEPS, type ApiDeps } from '../deps';
import { DEFAULT_WAIT_MS } from '../reading/page-query';
import { PositionWaiter } from '../reading/positions';
import { asDomainEvents, inUnits } from '../http/present';
import { readModelProblem } from '../reading/read-failures';

type Events = readonly RecordedEvent<StockEvent>[];
type Tried = (accepted: { readonly events: Events }) => Promise<object>;

/** What a backdated movement would do to the past: on hand by the times at which things happened. */
@Injectable()
export class Timelines {
  constructor(
    @Inject(API_DEPS) private readonly deps: ApiDeps,
    @Inject(PositionWaiter) private readonly positions: PositionWaiter,
  ) {}

  /** What the dry run of a command tells beside its events, where the command says when it happened. */
  triedAt(effectiveAt: string | undefined): Tried | undefined {
    if (effectiveAt === undefined) return undefined;
    return async ({ events }) => ({ timeline: await this.with(events) });
  }

  /** Of the events that a dry run would append; null where the tables do not answer, or not in time. */
  private async with(events: Events): Promise<object | null> {
    const moved = asDomainEvents(events).filter((event) => effectOf(event) !== 0);
    const effectiveAt = events[0]?.metadata.effectiveAt;
    const data = moved[0]?.data;
    if (effectiveAt === undefined || !data || !('lotCode' in data && 'decimals' in data))
      return null;
    const { sku, location, lotCode, decimals } = data;
    const change = moved.reduce((sum, event) => sum + effectOf(event), 0);
    const isOfOneLot = moved.every(
      (event) => 'lotCode' in event.data && event.data.lotCode === lotCode,
    );
    const of = { sku, location, effectiveAt, change };
    try {
      await this.caughtUp();
      const [place, lot] = await Promise.all([
        this.told(of, decimals),
        isOfOneLot && lotCode !== null ? this.told({ ...of, lotCode }, decimals) : null,
      ]);
      return { ...place, lot: lot && { lotCode, ...lot } };
    } catch (error) {
      if (error instanceof StoreUnavailableError || readModelProblem(error)) return null;
      throw error;
    }
  }

  /** The verdict rests on the head of the log, and so must what is told beside it. */
  private async caughtUp(): Promise<void> {
    const { storeId } = this.deps.store;
    const head = positionToken(storeId, await this.deps.store.head());
    await this.positions.reached(head, ['ledger'], DEFAULT_WAIT_MS);
  }

  private async told(of: TimelineOf, decimals: number): Promise<object> {
    const { lowestBalance, at, balanceNow } = await readTimeline(this.deps.readModels, of);
    return {
      lowestBalance: inUnits(lowestBalance, decimals),
      at,
      balanceNow: inUnits(balanceNow, decimals),
    };
  }
}
