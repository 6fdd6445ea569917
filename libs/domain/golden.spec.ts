import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  decodeGoldens,
  problemsOfGoldens,
  readGoldens,
  writeGoldens,
  type Golden,
} from '../../test/support/golden';
import { streams, type Command, type DomainEvent, type StreamDefinition } from '.';

type AnyStream = StreamDefinition<unknown, Command, DomainEvent, unknown>;
const definitions = Object.values(streams) as unknown as AnyStream[];
const typesOf = ({ events }: AnyStream) => Object.keys(events);

let goldens: Golden[];
beforeAll(async () => {
  goldens = await readGoldens();
});

const goldenOf = (type: string): Golden => {
  const found = goldens.find(({ raw }) => raw.type === type);
  if (!found) throw new Error(`no golden file of ${type}`);
  return found;
};

test('every event ever written is read by this version', () => {
  expect(problemsOfGoldens(goldens)).toStrictEqual([]);
  expect(goldens.length).toBeGreaterThanOrEqual(definitions.flatMap(typesOf).length);
});

test('what is written today is read as it stands', () => {
  const current = new Set(definitions.flatMap(typesOf));
  const unchanged = goldens.filter(({ raw }) => current.has(raw.type));
  expect(unchanged).toHaveLength(current.size);
  expect(decodeGoldens(unchanged).map(({ type, data }) => ({ type, data }))).toStrictEqual(
    unchanged.map(({ raw: { type, data } }) => ({ type, data })),
  );
});

describe('what is wrong with a set of golden files', () => {
  const tamper = (type: string, change: object): Golden[] => {
    const { file, raw } = goldenOf(type);
    const others = goldens.filter((golden) => golden.file !== file);
    return [...others, { file, raw: { ...raw, ...change } }];
  };
  const data = (type: string) => goldenOf(type).raw.data as object;

  test.each(definitions.flatMap(typesOf))('%s is missing', (type) => {
    expect(problemsOfGoldens(goldens.filter(({ raw }) => raw.type !== type))).toStrictEqual([
      expect.stringContaining(`${type} has no golden file`),
    ]);
  });

  test('its type was removed', () => {
    const removed: Golden = {
      file: 'StockVanished.json',
      raw: { ...goldenOf('StockIssued.v2').raw, type: 'StockVanished' },
    };
    expect(problemsOfGoldens([...goldens, removed])).toStrictEqual([
      expect.stringContaining('StockVanished is unknown'),
    ]);
  });

  test.each<[string, () => Golden[], string]>([
    [
      'a field was added',
      () => tamper('StockIssued.v2', { data: { ...data('StockIssued.v2'), x: 1 } }),
      'unknown field x',
    ],
    [
      'a field has another type',
      () => tamper('StockIssued.v2', { data: { ...data('StockIssued.v2'), quantity: '1' } }),
      'quantity must be',
    ],
    ['no payload', () => tamper('StockIssued.v2', { data: null }), 'not an object'],
    ['no metadata', () => tamper('StockIssued.v2', { metadata: null }), 'no metadata'],
    [
      'metadata of tomorrow',
      () => tamper('StockIssued.v2', { metadata: { schema: 2 } }),
      'schema 2',
    ],
    [
      'metadata without times',
      () => tamper('StockIssued.v2', { metadata: { schema: 1 } }),
      'effectiveAt, recordedAt',
    ],
    ['a stream of no kind', () => tamper('StockIssued.v2', { stream: 'shelf-default.A' }), 'shelf'],
    [
      'a stream of another kind',
      () => tamper('StockIssued.v2', { stream: 'item-default.A' }),
      'StockIssued.v2 is unknown',
    ],
  ])('%s', (_, tampered, problem) => {
    expect(problemsOfGoldens(tampered())).toStrictEqual([expect.stringContaining(problem)]);
  });

  test('a file with the event of another', () => {
    const { raw } = goldenOf('StockIssued.v2');
    expect(problemsOfGoldens([...goldens, { file: 'Copy.json', raw }])).toStrictEqual([
      'Copy.json holds a StockIssued.v2',
    ]);
  });
});

test('a golden file is written once and never again', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lotstream-golden-'));
  try {
    await writeFile(join(folder, 'StockIssued.v2.json'), 'as it was');
    const written = await writeGoldens(folder);
    expect(new Set([...written, 'StockIssued.v2'])).toStrictEqual(
      new Set(definitions.flatMap(typesOf)),
    );
    expect(await writeGoldens(folder)).toStrictEqual([]);
    expect(await readFile(join(folder, 'StockIssued.v2.json'), 'utf8')).toBe('as it was');

    await rm(join(folder, 'StockIssued.v2.json'));
    // What is no longer written cannot be told again either.
    const old = definitions.flatMap(({ upcasts }) => Object.keys(upcasts));
    expect(new Set(problemsOfGoldens(await readGoldens(folder)))).toStrictEqual(
      new Set(
        ['StockIssued.v2', ...old].map(
          (type) => expect.stringContaining(`: ${type} has no golden file`) as string,
        ),
      ),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

describe.each(definitions)('$category', (definition) => {
  const eventsOf = () => typesOf(definition).map((type) => decodeGoldens([goldenOf(type)])[0]);

  test('folds every event of its catalogue, from the beginning and over every other', () => {
    for (const first of eventsOf()) {
      for (const second of eventsOf()) {
        if (!first || !second) throw new Error('a golden file is missing');
        const state = definition.evolve(definition.initial, first, first.metadata);
        expect(state).toBeDefined();
        expect(definition.evolve(state, second, second.metadata)).toBeDefined();
      }
    }
  });

  test('every event that is there changes what is folded', () => {
    const [first, ...rest] = eventsOf();
    if (!first) throw new Error('a golden file is missing');
    let state = definition.evolve(definition.initial, first, first.metadata);
    for (const event of rest) {
      if (!event) throw new Error('a golden file is missing');
      const next = definition.evolve(state, event, event.metadata);
      expect({ type: event.type, state: next }).not.toStrictEqual({ type: event.type, state });
      state = next;
    }
  });
});

test.each(
  definitions.flatMap(({ events, upcasts }) =>
    Object.entries(upcasts).map(([from, { to }]) => ({ from, to, events, upcasts })),
  ),
)('$from leads to a type that is written today', ({ from, to, events, upcasts }) => {
  const passed = new Set([from]);
  let type = to;
  for (; upcasts[type]; type = upcasts[type]?.to ?? '') {
    expect(passed).not.toContain(type);
    passed.add(type);
  }
  expect(Object.keys(events)).toContain(type);
  expect(Object.keys(events)).not.toContain(from);
});

test('every kind of stream has a category of its own, without a hyphen', () => {
  const categories = definitions.map(({ category }) => category);
  expect(new Set(categories).size).toBe(categories.length);
  expect(Object.keys(streams)).toStrictEqual(categories);
  for (const category of categories) expect(category).toMatch(/^[a-z]+$/);
});
