import {
  followUpsOf,
  lot,
  lotStream,
  type DomainEvent,
  type InventoryEvent,
  type LotCommand,
} from '../../libs/domain';
import type { Random } from '../differential/random';
import { EXPIRIES, STATUSES } from './generate';
import { LOCATIONS, SKUS, type Message, type World } from './world';

/** What goes on around the stock streams: time, catalogue, quality control, and what streams tell each other. */

/** Something changes that no command of a stock stream has asked for. */
export function happen(random: Random, world: World): void {
  const item = world.items.get(random.pick(SKUS))!;
  switch (random.int(0, 9)) {
    case 0:
      item.active = random.chance(0.7);
      return;
    case 1:
      world.active.set(random.pick(LOCATIONS), random.chance(0.7));
      return;
    case 2:
      item.qcRequired = random.chance(0.4);
      return;
    case 3:
      item.allocationPolicy = random.pick(['FIFO', 'FEFO', 'LIFO'] as const);
      return;
    case 4:
      item.tracking = random.chance(0.3) ? 'lot' : 'none';
      return;
    case 5:
      item.countVarianceLimit = random.pick([null, 0, 2, 4]);
      return;
    default:
      inspect(random, world);
  }
}

/** Quality control decides on a lot, or corrects its expiry. */
function inspect(random: Random, world: World): void {
  const known = [...world.lots.values()];
  if (known.length === 0) return;
  const { sku, lotCode } = random.pick(known).at(-1)!;
  takeLot(
    world,
    random.chance(0.75)
      ? { type: 'DecideLot', data: { sku, lotCode, status: random.pick(STATUSES) } }
      : {
          type: 'CorrectLotExpiry',
          data: { sku, lotCode, expiresOn: random.pick([null, ...EXPIRIES]) },
        },
  );
}

/** A command of a lot's own stream. Its rules are not in question here; what it tells the stock is. */
export function takeLot(world: World, command: LotCommand): void {
  const { sku, lotCode } = command.data;
  const stream = lotStream('default', sku, lotCode);
  const history = world.lots.get(stream) ?? [];
  const decision = lot.decide(command, history.at(-1) ?? null, null);
  if (!decision.accepted) return;
  for (const event of decision.events) {
    const state = lot.evolve(history.at(-1) ?? null, event, { effectiveAt: world.now });
    if (!state) throw new Error(`${stream} has no state after ${event.type}`);
    history.push(state);
    world.lots.set(stream, history);
    world.messages.push(...followersOf(stream, history.length - 1, event));
  }
}

/** What other streams have to learn of an event, as the product has it. */
export function followersOf(stream: string, revision: number, event: DomainEvent): Message[] {
  const recorded = { ...event, stream, revision, metadata: { tenant: 'default' } };
  return followUpsOf(recorded as unknown as InventoryEvent).map((followUp, at) => ({
    id: `${stream}#${revision}.${at}`,
    ...followUp,
  }));
}

/** When everything has been told, what a place knows of a lot is what the lot's stream says. */
export function lotsAgree(world: World): string | undefined {
  for (const [stream, history] of world.lots) {
    const { sku, lotCode, qcStatus, expiresOn } = history.at(-1)!;
    for (const site of world.sites) {
      const slip = site.sku === sku ? site.book.slips.get(lotCode) : undefined;
      if (slip && (slip.status !== qcStatus || slip.expires !== expiresOn))
        return (
          `${stream} is ${qcStatus}, expires ${expiresOn}; ` +
          `${site.stream} has it ${slip.status}, expires ${slip.expires}, and nobody will tell it`
        );
    }
  }
  return undefined;
}
