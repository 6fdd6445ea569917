import {
  itemStream,
  locationStream,
  lotStream,
  periodStream,
  stockStream,
  type InventoryEvent,
} from '../domain';
import { CodecError } from './codec';

/** A name whose parts stand in it as they are. */
const PLAIN = /^[a-z]+-[\w-]+\.[\w-]+(?:@[\w-]+)?$/;

/** An event that speaks of another item or place than its stream would be counted where no rule has decided upon it. */
export function checkStream(event: InventoryEvent): void {
  const { stream, data, metadata } = event;
  const { tenant } = metadata;
  const ids = data as {
    readonly sku: string;
    readonly lotCode: string;
    readonly location: string;
    readonly code: string;
  };
  switch (event.category) {
    case 'stock':
      if (stream === `stock-${tenant}.${ids.sku}@${ids.location}` && PLAIN.test(stream)) return;
      return expect(stream, stockStream(tenant, ids.sku, ids.location));
    case 'item':
      return expect(stream, itemStream(tenant, ids.sku));
    case 'location':
      return expect(stream, locationStream(tenant, ids.code));
    case 'period':
      return expect(stream, periodStream(tenant));
    case 'lot':
      return expect(stream, lotStream(tenant, ids.sku, ids.lotCode));
    default:
      throw new CodecError(`streams ${event.category}-… have no rule for their names`);
  }
}

function expect(stream: string, its: string): void {
  if (stream !== its) throw new CodecError(`its payload belongs to the stream ${its}`);
}
