import type { Leg } from '../../libs/application';
import type { InventoryEvent } from '../../libs/domain';
import { recorded } from '../../test/support/histories';
import { Obligations, START } from './obligations';

const GRACE_MS = 2_000;
let now: number;
let legs: number;
let owed: Obligations;
beforeEach(() => {
  now = 0;
  legs = 1;
  owed = new Obligations(START, legsOf, GRACE_MS, () => now);
});

/** Events of odd positions are followed by so many legs; the id of a leg tells its cause. */
const legsOf = (event: InventoryEvent): readonly Leg[] =>
  event.position % 2n === 0n
    ? []
    : Array.from(
        { length: legs },
        (_, index) => ({ commandId: legId(event, index), index }) as Leg,
      );
const legId = ({ position }: { readonly position: bigint }, index = 0): string =>
  `${position}/${index}`;

/** The event of a command; without one of its own. */
function event(position: number, commandId = 'of nobody'): InventoryEvent {
  const made = recorded(
    { type: 'ItemDeactivated', data: { sku: 'A' } },
    'item',
    'item-default.A',
    position,
    position,
  );
  return { ...made, position: BigInt(position), metadata: { ...made.metadata, commandId } };
}
const take = (...positions: readonly number[]): void =>
  positions.forEach((position) => owed.takeEvent(event(position)));
const dueIds = (most = 10): string[] => owed.takeDue(most).map(({ leg }) => leg.commandId);

describe('given nothing that is owed', () => {
  it('the checkpoint is the last event, or where the filter has led beyond it', () => {
    expect(owed.checkpoint).toBe(START);
    take(2, 4);
    expect(owed.checkpoint).toMatchObject({ commit: 4n, prepare: 4n, event: { position: 4n } });
    owed.takeCheckpoint({ commit: 900n, prepare: 890n });
    expect(owed.checkpoint).toMatchObject({ commit: 900n, prepare: 890n, event: { position: 4n } });
    owed.pass(901n, 'unreadable');
    expect(owed.checkpoint.event).toEqual({ id: 'unreadable', position: 901n });
  });

  it('nothing is due', () => {
    take(2);
    now += GRACE_MS;
    expect(dueIds()).toEqual([]);
  });
});

describe('given an event that is followed by legs', () => {
  it('the checkpoint stays before it until the last of them is settled', () => {
    legs = 2;
    take(2, 3, 4);
    expect(owed.checkpoint.commit).toBe(2n);
    owed.settle('3/1');
    take(6);
    expect(owed.checkpoint.commit).toBe(2n);
    owed.settle('3/0');
    expect(owed.checkpoint.commit).toBe(6n);
  });

  it('the checkpoint goes from one that is open to the next', () => {
    take(3, 4, 5, 6);
    owed.settle('3/0');
    expect(owed.checkpoint.commit).toBe(4n);
  });

  it('and settles the younger, the checkpoint stays before the older', () => {
    take(2, 3, 5);
    owed.settle('5/0');
    expect(owed.checkpoint.commit).toBe(2n);
  });

  it('the event of a leg settles it, whoever wrote it; that of another command does not', () => {
    take(3);
    owed.takeEvent(event(4, '3/1'));
    expect(owed.size).toBe(1);
    owed.takeEvent(event(6, '3/0'));
    expect(owed.size).toBe(0);
    expect(owed.checkpoint.commit).toBe(6n);
  });

  it('the event of a leg may be followed by legs of its own', () => {
    take(3);
    owed.takeEvent(event(5, '3/0'));
    expect(owed.oldest?.leg.commandId).toBe('5/0');
  });

  it('a leg is due when the grace is over, not before', () => {
    take(3);
    now += GRACE_MS - 1;
    expect(dueIds()).toEqual([]);
    now += 1;
    expect(dueIds()).toEqual(['3/0']);
  });

  it('the oldest are due first, and at most so many', () => {
    take(3, 5, 7);
    now += GRACE_MS;
    expect(dueIds(2)).toEqual(['3/0', '5/0']);
    expect(dueIds(2)).toEqual(['7/0']);
    expect(dueIds(0)).toEqual([]);
  });

  it('one that is under way is not due a second time', () => {
    take(3);
    now += GRACE_MS;
    dueIds();
    now += 3_600_000;
    expect(dueIds()).toEqual([]);
  });

  it('one that was settled meanwhile is not due any more', () => {
    take(3);
    now += GRACE_MS;
    owed.settle('3/0');
    expect(dueIds()).toEqual([]);
  });
});

describe('given a leg that could not be done', () => {
  const delays = (tries: number): number[] =>
    Array.from({ length: tries }, () => {
      const [due] = owed.takeDue(1);
      owed.failed(due!);
      const delay = due!.dueMs - now;
      now = due!.dueMs;
      return delay;
    });

  it('stays owed', () => {
    take(2, 3);
    now += GRACE_MS;
    delays(5);
    expect(owed.size).toBe(1);
    expect(owed.checkpoint.commit).toBe(2n);
  });

  it('is tried again for ever, later each time up to half a minute and some chance', () => {
    take(3);
    now += GRACE_MS;
    const told = delays(20);
    told.forEach((delay, n) => {
      const nominal = Math.min(500 * 2 ** n, 30_000);
      expect(delay).toBeGreaterThanOrEqual(nominal / 2);
      expect(delay).toBeLessThanOrEqual(nominal * 1.5);
    });
  });

  it('lets younger ones go first meanwhile', () => {
    take(3, 5);
    now += GRACE_MS;
    const [first] = owed.takeDue(1);
    owed.failed(first!);
    expect(dueIds()).toEqual(['5/0']);
  });
});
