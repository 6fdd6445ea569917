import fc from 'fast-check';
import { histories } from '../../test/support/histories';
import { expectSame } from '../../test/support/same';
import { facts } from '../../test/support/stock-facts';
import { lotsOf, stock, type RecordedEvent, type StockCommand, type StockState } from '../domain';
import { sha256, uuidV5 } from '../runtime';
import { Folded } from './folded';
import { PackedCommands } from './packed-commands';
import { RememberedCommands, REMEMBERED_COMMANDS } from './remembered-commands';
import { packFolded, unpackFolded, type Snapshotted } from './snapshot-form';

const definition = stock as unknown as Snapshotted;

/** Through a snapshot and back. */
const passed = (folded: Folded<unknown>, stream: string): Folded<unknown> =>
  unpackFolded(definition, stream, packFolded(definition, stream, folded)!);

const commands: readonly StockCommand[] = ['0.01', '3', '9999999'].flatMap((quantity) => [
  { type: 'IssueStock', data: { sku: 'A-1', location: 'MAIN', quantity } },
  { type: 'IssueStock', data: { sku: 'A-1', location: 'MAIN', quantity, lotCode: 'L1' } },
  { type: 'IssueStock', data: { sku: 'A-1', location: 'MAIN', quantity, purpose: 'DISPOSAL' } },
  { type: 'ReceiveStock', data: { sku: 'A-1', location: 'MAIN', quantity, lotCode: 'L1' } },
  { type: 'AdjustStock', data: { sku: 'A-1', location: 'MAIN', quantity: `-${quantity}` } },
]);

/** Everything that a decision or an answer can see. */
function seen(folded: Folded<unknown>, events: readonly RecordedEvent[]): unknown {
  const state = folded.state as StockState;
  const { item } = facts;
  const policies = ['FIFO', 'LIFO', 'FEFO'] as const;
  return {
    lots: lotsOf(state.lots),
    onHand: state.onHand,
    revision: folded.revision,
    position: folded.position,
    eventId: folded.eventId,
    forgottenUpTo: folded.forgottenUpTo,
    remembered: events.map(({ metadata }) => folded.commands.get(metadata.commandId)),
    unknown: folded.commands.get(uuidV5('6ba7b810-9dad-11d1-80b4-00c04fd430c8', 'never sent')),
    passed: [0, 1, 5, 50].map((sequence) => folded.hasPassed({ id: 'file', sequence })),
    verdicts: policies.flatMap((allocationPolicy) =>
      commands.map((command) =>
        stock.decide(command, state, {
          ...facts,
          item: item && { ...item, unit: 'kg', decimals: 2, allocationPolicy },
        }),
      ),
    ),
  };
}

test('given any history, when it is folded with snapshots at any places, then state, memory and verdicts are the same', () => {
  const cuts = fc.array(fc.boolean(), { minLength: 1, maxLength: 7 });
  fc.assert(
    fc.property(histories(50), cuts, (history, pattern) => {
      const stream = history.find(({ category }) => category === 'stock')?.stream;
      if (stream === undefined) return;
      const events = history
        .filter((event) => event.stream === stream)
        .map((event, n) => ({
          ...event,
          metadata: { ...event.metadata, source: { id: 'file', sequence: n } },
        })) as RecordedEvent[];
      const plain = new Folded<unknown>(definition);
      let cut = new Folded<unknown>(definition);
      for (const [n, event] of events.entries()) {
        plain.apply(event);
        cut.apply(event);
        if (pattern[n % pattern.length]) cut = passed(cut, stream);
      }
      expectSame(seen(cut, events), seen(plain, events));
    }),
    { numRuns: 150 },
  );
});

const idOf = (n: number): string => uuidV5('6ba7b810-9dad-11d1-80b4-00c04fd430c8', String(n));
const at = (n: number) => ({
  commandHash: sha256(String(n)),
  firstRevision: n,
  lastRevision: n,
  position: BigInt(n) * 7n,
});

describe('the last commands', () => {
  it('are let go in their order, whether they came with a snapshot or after it', () => {
    const plain = new RememberedCommands();
    let packed = new RememberedCommands();
    const count = 2 * REMEMBERED_COMMANDS + 500;
    for (let n = 0; n < count; n += 1) {
      expectSame(packed.add(idOf(n), at(n)), plain.add(idOf(n), at(n)));
      if (n % 1_500 === 1_499) packed = new RememberedCommands(new PackedCommands(packed.pack()!));
      if (n % 100 !== 0) continue;
      expect(packed.size).toBe(plain.size);
      for (const asked of [0, n - REMEMBERED_COMMANDS, n - REMEMBERED_COMMANDS + 1, n - 2_000, n]) {
        expectSame(packed.get(idOf(asked)), plain.get(idOf(asked)));
      }
    }
    expect(packed.get(idOf(0))).toBeUndefined();
    expect(packed.pack()).toEqual(plain.pack());
  });

  it('take in further events of a command that came with a snapshot', () => {
    const before = new RememberedCommands();
    before.add(idOf(1), at(1));
    const after = new RememberedCommands(new PackedCommands(before.pack()!));
    expect(after.extend(idOf(1), 9, 70n)).toBe(true);
    expect(after.extend(idOf(2), 9, 70n)).toBe(false);
    expect(after.get(idOf(1))).toEqual({ ...at(1), lastRevision: 9, position: 70n });
  });

  it.each([
    ['an id that is no UUID', 'command 1', at(1)],
    ['a hash that is no SHA-256', idOf(1), { ...at(1), commandHash: '{}' }],
  ])('are not packed with %s', (_, id, remembered) => {
    const commandsWith = new RememberedCommands();
    commandsWith.add(id, remembered);
    expect(commandsWith.pack()).toBeUndefined();
  });

  it('are not made of bytes that are none', () => {
    expect(() => new PackedCommands(Buffer.alloc(71))).toThrow('no commands');
  });
});
