import {
  item,
  itemStream,
  location,
  locationStream,
  NO_FOLLOW_UPS,
  type Policy,
  type RecordedEvent,
  type StockEventOf,
  stockStream,
} from '../../libs/domain';
import type { Executor } from '../../libs/eventstore';
import { contextOf, SKU } from './commands';

/**
 * A small world with two legs: what MAIN issues for consumption arrives at the WORKSHOP, and what the WORKSHOP consumes in
 * the LAB. A receipt done twice would show, for no rule of the stock stream knows one from the other.
 */

const NEXT: Readonly<Record<string, string>> = { MAIN: 'WORKSHOP', WORKSHOP: 'LAB' };
export const PLACES = ['MAIN', 'WORKSHOP', 'LAB'];

export const workshop: Policy = (event) => {
  if (event.type !== 'StockIssued.v2') return NO_FOLLOW_UPS;
  const { data } = event as RecordedEvent<StockEventOf<'StockIssued.v2'>>;
  const { sku, location: from, quantity, purpose } = data;
  if (purpose !== 'CONSUMPTION') return NO_FOLLOW_UPS;
  const to = NEXT[from];
  if (to === undefined) return NO_FOLLOW_UPS;
  return [
    {
      category: 'stock',
      stream: stockStream(event.metadata.tenant, sku, to),
      command: {
        type: 'ReceiveStock',
        data: { sku, location: to, quantity: String(quantity), purpose: 'PRODUCTION' },
      },
    },
  ];
};

/** Registers the item, and the places where goods may arrive. */
export async function furnish(
  executor: Executor,
  places: readonly string[] = PLACES,
): Promise<void> {
  const context = (key: string) => contextOf(key, { type: 'IssueStock', data: {} as never });
  await executor.execute({
    definition: item,
    stream: itemStream('default', SKU),
    command: { type: 'RegisterItem', data: { sku: SKU, name: 'Widget', unit: 'each' } },
    context: context('item'),
    facts: () => Promise.resolve({ unknownLocations: [] }),
  });
  for (const code of places) {
    await executor.execute({
      definition: location,
      stream: locationStream('default', code),
      command: { type: 'RegisterLocation', data: { code, name: code } },
      context: context(code),
      facts: () => Promise.resolve({ parent: null }),
    });
  }
}
