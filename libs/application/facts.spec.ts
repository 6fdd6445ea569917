import type { ItemState, LocationState, PeriodState, StockCommand } from '../domain';
import { FactsReader, generatedLotCode, localDateOf } from './facts';

type Stored = ItemState | LocationState | PeriodState;

/** Streams as a map; every read is counted and sees what is there when it begins. */
const NOW = '2026-03-01T20:00:01.000Z';

function reader(streams: Record<string, unknown>) {
  let now = 0;
  const reads: string[] = [];
  const stateOf = async (definition: { initial: unknown }, stream: string) => {
    reads.push(stream);
    const state = (streams[stream] ?? definition.initial) as Stored;
    await Promise.resolve();
    return { state, revision: state === null ? -1 : 4 };
  };
  const facts = new FactsReader(
    { stateOf: stateOf as never, eventsOf: () => Promise.resolve([]) },
    'default',
    () => now,
    () => NOW,
  );
  return { facts, reads, pass: (ms: number) => (now += ms) };
}
const place = (code: string, parent: string | null = null, timeZone = 'UTC') => ({
  code,
  parent,
  timeZone,
  active: true,
  name: code,
  kind: 'STORE',
});

const stockCommand = (type: StockCommand['type'], more: object): StockCommand =>
  ({ type, data: { sku: 'A', location: 'T', ...more } }) as StockCommand;

describe('what other streams say', () => {
  it('is known for two seconds and then read again', async () => {
    const { facts, reads, pass } = reader({ 'location-default.A': place('A') });
    await facts.location('A', false);
    pass(1_999);
    await facts.location('A', false);
    expect(reads).toHaveLength(1);
    pass(1);
    await facts.location('A', false);
    expect(reads).toHaveLength(2);
  });

  it('is read past the cache when it must be fresh, also past a read that is under way', async () => {
    const { facts, reads } = reader({ 'location-default.A': place('A') });
    const early = facts.location('A', false);
    await Promise.all([early, facts.location('A', true), facts.location('A', false)]);
    expect(reads).toHaveLength(2);
    await facts.location('A', true);
    expect(reads).toHaveLength(3);
  });

  it('is never remembered as absent', async () => {
    const streams: Record<string, unknown> = {};
    const { facts, reads } = reader(streams);
    expect(await facts.item('A', false)).toBeNull();
    streams['item-default.A'] = { sku: 'A' };
    expect(await facts.item('A', false)).toEqual({ sku: 'A' });
    expect(reads).toHaveLength(2);
  });

  it('is forgotten when it has changed', async () => {
    const streams: Record<string, unknown> = { 'item-default.A': { sku: 'A', active: true } };
    const { facts } = reader(streams);
    await facts.item('A', false);
    streams['item-default.A'] = { sku: 'A', active: false };
    facts.changed('item-default.A');
    expect(await facts.item('A', false)).toEqual({ sku: 'A', active: false });
  });

  it('is not kept by a read that a change overtook', async () => {
    const streams: Record<string, unknown> = { 'item-default.A': { sku: 'A', active: true } };
    const { facts } = reader(streams);
    const slow = facts.item('A', false);
    streams['item-default.A'] = { sku: 'A', active: false };
    facts.changed('item-default.A');
    await slow;
    expect(await facts.item('A', false)).toEqual({ sku: 'A', active: false });
  });

  it('stays known while every change is told, and for two seconds only once none is', async () => {
    const { facts, reads, pass } = reader({ 'location-default.A': place('A') });
    facts.live(true);
    await facts.location('A', false);
    pass(30_000);
    await facts.location('A', false);
    expect(reads).toHaveLength(1);
    facts.live(false);
    await facts.location('A', false);
    pass(2_000);
    await facts.location('A', false);
    expect(reads).toHaveLength(3);
  });

  it('is read anew when watching begins: it may have changed unseen before', async () => {
    const { facts, reads } = reader({ 'location-default.A': place('A') });
    await facts.location('A', false);
    facts.live(true);
    await facts.location('A', false);
    expect(reads).toHaveLength(2);
  });

  it('names everything above a parent, also where somebody has made a circle', async () => {
    const { facts } = reader({
      'location-default.A': place('A', 'B'),
      'location-default.B': place('B', 'C'),
      'location-default.C': place('C', 'A'),
    });
    expect(await facts.locationFacts('A', false)).toEqual({
      parent: { exists: true, ancestors: ['B', 'C', 'A'] },
    });
    expect(await facts.locationFacts('X', false)).toEqual({
      parent: { exists: false, ancestors: [] },
    });
    expect(await facts.locationFacts(null, false)).toEqual({ parent: null });
  });

  it('tells of a lot what its stream says, as of which revision, and whether it knows the place', async () => {
    const streams: Record<string, unknown> = {};
    const { facts, reads } = reader(streams);
    expect(await facts.lot('A.1', 'L/7', 'MAIN', false)).toBeNull();
    streams['lot-default.A%2E1.L%2F7'] = {
      sku: 'A.1',
      lotCode: 'L/7',
      qcStatus: 'REJECTED',
      expiresOn: '2027-01-31',
      locations: ['NORTH', 'MAIN'],
      supplierLot: 'not a fact',
    };
    const told = { qcStatus: 'REJECTED', expiresOn: '2027-01-31', revision: 4 };
    expect(await facts.lot('A.1', 'L/7', 'MAIN', false)).toEqual({ ...told, here: true });
    expect(await facts.lot('A.1', 'L/7', 'SOUTH', false)).toEqual({ ...told, here: false });
    expect(reads).toHaveLength(2);
    facts.changed('lot-default.A%2E1.L%2F7');
    await facts.lot('A.1', 'L/7', 'SOUTH', false);
    expect(reads).toHaveLength(3);
  });

  it('gives a movement the date of its place and only what is decided upon', async () => {
    const { facts } = reader({
      'item-default.A': {
        sku: 'A',
        name: 'not a fact',
        unit: 'kg',
        decimals: 3,
        active: true,
        tracking: 'none',
        qcRequired: false,
        allocationPolicy: 'FIFO',
        units: [],
        countVarianceLimit: null,
      },
      'location-default.T': place('T', null, 'Asia/Tokyo'),
    });
    const id = '6f3c0f2e-0f55-5d0c-9a7e-5c1a1d2b3c4d';
    const where = { sku: 'A', location: 'T' };
    const context = { commandId: id, effectiveAt: '2026-03-01T20:00:00.000Z', actor: 'ada' };
    expect(await facts.stockFacts(where, context, false)).toEqual({
      item: {
        unit: 'kg',
        decimals: 3,
        active: true,
        tracking: 'none',
        qcRequired: false,
        allocationPolicy: 'FIFO',
      },
      location: { active: true },
      localDate: '2026-03-02',
      now: NOW,
      actor: 'ada',
      generatedLotCode: 'LOT-6F3C0F2E0F55',
    });
  });

  it.each<[string, StockCommand, boolean]>([
    ['a receipt of a lot', stockCommand('ReceiveStock', { lotCode: 'L' }), true],
    ['a return of a lot', stockCommand('ReturnStock', { lotCode: 'L' }), true],
    ['an arrival of a lot', stockCommand('AcceptArrival', { lotCode: 'L' }), true],
    ['a receipt without a lot', stockCommand('ReceiveStock', {}), false],
    ['an arrival of the pool', stockCommand('AcceptArrival', { lotCode: null }), false],
    ['an issue of a lot', stockCommand('IssueStock', { lotCode: 'L' }), false],
    ['an adjustment of a lot', stockCommand('AdjustStock', { lotCode: 'L' }), false],
    ['the word of the lot itself', stockCommand('ApplyLotStatus', { lotCode: 'L' }), false],
  ])('tells %s what the lot is, or does not ask', async (_, command, asks) => {
    const { facts, reads } = reader({});
    const context = { commandId: 'c', effectiveAt: NOW, actor: 'ada' };
    const found = await facts.factsOf(command, context, false);
    expect([found.lot, reads.includes('lot-default.A.L')]).toEqual([asks ? null : undefined, asks]);
  });

  describe('the books', () => {
    const PERIOD = 'period-default';
    const HERE = { sku: 'A', location: 'T' };
    const at = (effectiveAt: string) => ({ commandId: 'id', actor: 'ann', effectiveAt });
    const stockOn = (day: string) => [HERE, at(`${day}T12:00:00.000Z`)] as const;

    it.each([
      ['2026-02-28', '2026-02-28'],
      ['2026-02-27', '2026-02-28'],
      ['2026-03-01', undefined],
    ])('of a movement on %s are closed through %s', async (day, closedThrough) => {
      const { facts } = reader({ [PERIOD]: { closedThrough: '2026-02-28' } });
      const known = await facts.stockFacts(...stockOn(day), false);
      expect(known.closedThrough).toBe(closedThrough);
      expect('closedThrough' in known).toBe(closedThrough !== undefined);
    });

    it('are by UTC, wherever the movement is', async () => {
      const { facts } = reader({
        [PERIOD]: { closedThrough: '2026-02-28' },
        'location-default.T': place('T', null, 'Asia/Tokyo'),
      });
      const lastMoment = await facts.stockFacts(HERE, at('2026-02-28T23:59:59.999Z'), false);
      expect(lastMoment).toMatchObject({ localDate: '2026-03-01', closedThrough: '2026-02-28' });
    });

    it('are read once in two seconds for all movements, though nothing is closed', async () => {
      const known = { units: [], countVarianceLimit: null };
      const { facts, reads, pass } = reader({ 'item-default.A': known, 'location-default.T': {} });
      for (let i = 0; i < 5; i++) await facts.stockFacts(...stockOn('2026-03-01'), false);
      expect(reads.filter((stream) => stream === PERIOD)).toHaveLength(1);
      pass(2_000);
      await facts.stockFacts(...stockOn('2026-03-01'), false);
      expect(reads.filter((stream) => stream === PERIOD)).toHaveLength(2);
    });

    it('are read anew once they have changed, and when a refusal rests on them', async () => {
      const streams: Record<string, unknown> = {};
      const { facts } = reader(streams);
      facts.live(true);
      const closedThrough = async (fresh: boolean) =>
        (await facts.stockFacts(...stockOn('2026-02-01'), fresh)).closedThrough;
      expect(await closedThrough(false)).toBeUndefined();
      streams[PERIOD] = { closedThrough: '2026-02-28' };
      expect(await closedThrough(false)).toBeUndefined();
      facts.changed(PERIOD);
      expect(await closedThrough(false)).toBe('2026-02-28');
      streams[PERIOD] = { closedThrough: '2026-01-31' };
      expect(await closedThrough(false)).toBe('2026-02-28');
      expect(await closedThrough(true)).toBeUndefined();
    });
  });

  it('come from streams whose changes it asks to be told of', async () => {
    const { facts, reads } = reader({ 'location-default.T': place('T', 'T') });
    await facts.stockFacts(
      { sku: 'A', location: 'T' },
      { commandId: 'id', actor: 'ann', effectiveAt: '2026-03-01T00:00:00.000Z' },
      false,
    );
    await facts.itemFacts(['B'], false);
    await facts.locationFacts('T', false);
    await facts.lot('A', 'L', 'T', false);
    const read = new Set(reads.map((stream) => stream.slice(0, stream.indexOf('-'))));
    expect([...read].sort()).toEqual([...FactsReader.categories].sort());
  });

  it('names the locations that are not there', async () => {
    const { facts } = reader({ 'location-default.A': place('A') });
    expect(await facts.itemFacts(['A', 'B'], false)).toEqual({ unknownLocations: ['B'] });
  });
});

it.each([
  ['2026-03-01T23:30:00.000Z', 'UTC', '2026-03-01'],
  ['2026-03-01T23:30:00.000Z', 'Europe/Vienna', '2026-03-02'],
  ['2026-07-01T22:30:00.000Z', 'Europe/Vienna', '2026-07-02'],
  ['2026-03-01T02:00:00.000Z', 'America/New_York', '2026-02-28'],
])('%s in %s is %s', (instant, timeZone, date) => {
  expect(localDateOf(instant, timeZone)).toBe(date);
});

it('a generated lot code is the same for every retry and another for another command', () => {
  const id = '6f3c0f2e-0f55-5d0c-9a7e-5c1a1d2b3c4d';
  expect(generatedLotCode(id)).toBe(generatedLotCode(id));
  expect(generatedLotCode(id)).not.toBe(generatedLotCode(id.replace('6f', '7f')));
});
