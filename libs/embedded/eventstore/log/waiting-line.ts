/** What waits to be written. Bounded in bytes: those who bring more are asked to hold back while it is full. */
export interface WaitingLine<Item> {
  readonly length: () => number;
  join(item: Item): void;
  /** As many from the front as belong into one group. */
  takeGroup(): Item[];
  takeAll(): Item[];
  isFull(): boolean;
  /** Calls once there is room again. */
  whenFree(go: () => void): void;
}

interface Limits {
  readonly groupItems: number;
  readonly groupBytes: number;
  readonly fullBytes: number;
}

export function openWaitingLine<Item extends { readonly bytes: number }>(
  limits: Limits,
): WaitingLine<Item> {
  let items: Item[] = [];
  let bytes = 0;
  let held: (() => void)[] = [];

  const take = (count: number): Item[] => {
    const taken = items.slice(0, count);
    items = items.slice(count);
    bytes -= taken.reduce((sum, item) => sum + item.bytes, 0);
    if (bytes < limits.fullBytes) {
      const free = held;
      held = [];
      for (const go of free) go();
    }
    return taken;
  };

  return {
    length: () => items.length,
    join(item) {
      items.push(item);
      bytes += item.bytes;
    },
    takeGroup() {
      let count = 0;
      let size = 0;
      while (count < items.length && count < limits.groupItems && size < limits.groupBytes) {
        size += items[count]!.bytes;
        count += 1;
      }
      return take(count);
    },
    takeAll: () => take(items.length),
    isFull: () => bytes >= limits.fullBytes,
    whenFree: (go) => void held.push(go),
  };
}
