import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  itemStream,
  locationStream,
  lotStream,
  periodStream,
  stockStream,
  streams,
  type EventMetadata,
} from '.';

/** What docs/events.md says, as far as a machine can tell. */
interface Told {
  /** By category: the pattern of its streams. */
  readonly streams: Record<string, string>;
  /** By category and type: the check of every field. */
  readonly events: Record<string, Record<string, Record<string, string>>>;
  readonly metadata: string[];
  /** Fields without a word on what they mean. */
  readonly unexplained: string[];
}

function read(page: string): Told {
  const told: Told = { streams: {}, events: {}, metadata: [], unexplained: [] };
  let section = '';
  let category = '';
  let type = '';
  for (const line of page.split('\n')) {
    const stream = /^## Stream `(\w+)`: `(.+)`$/.exec(line);
    if (line.startsWith('## ')) {
      section = line.slice(3);
      [category, type] = [stream?.[1] ?? '', ''];
      if (stream?.[2]) told.streams[category] = stream[2];
    }
    if (line.startsWith('### ')) {
      type = line.slice(4);
      (told.events[category] ??= {})[type] = {};
    }
    const row = /^\| `(\w+)` \| (.*?) \| (.*) \|$/.exec(line);
    if (!row) continue;
    const [, field = '', meaning = '', check = ''] = row;
    if (meaning.trim() === '') told.unexplained.push(`${type || section}.${field}`);
    if (section === 'Metadata') told.metadata.push(field);
    const fields = told.events[category]?.[type];
    if (fields) fields[field] = check.replaceAll('\\|', '|');
  }
  return told;
}

const page = readFileSync(join(__dirname, '../../docs/events.md'), 'utf8');
const told = read(page);

const catalogue = Object.fromEntries(
  Object.values(streams).map(({ category, events }) => [
    category,
    Object.fromEntries(
      Object.entries(events).map(([type, shape]) => [
        type,
        Object.fromEntries(Object.entries(shape).map(([name, field]) => [name, field.describe])),
      ]),
    ),
  ]),
);

/** Does not compile when the metadata gets a field that is not here. */
const metadata: Record<keyof EventMetadata, true> = {
  commandId: true,
  commandHash: true,
  correlationId: true,
  causationId: true,
  tenant: true,
  actor: true,
  reason: true,
  effectiveAt: true,
  recordedAt: true,
  schema: true,
  source: true,
  followers: true,
  command: true,
  facts: true,
};

describe('docs/events.md', () => {
  test('tells every event with every field and its check, and nothing else', () => {
    expect(told.events).toStrictEqual(catalogue);
  });

  test('tells how the streams of each kind are called', () => {
    const named = Object.fromEntries(
      Object.entries(told.streams).map(([kind, name]) => [kind, name.replaceAll(/[<>]/g, '')]),
    );
    expect(named).toStrictEqual({
      item: itemStream('tenant', 'sku'),
      location: locationStream('tenant', 'code'),
      period: periodStream('tenant'),
      stock: stockStream('tenant', 'sku', 'location'),
      lot: lotStream('tenant', 'sku', 'lotCode'),
    });
    expect(Object.keys(named)).toStrictEqual(Object.keys(catalogue));
  });

  test('tells every field of the metadata', () => {
    expect(told.metadata).toStrictEqual(Object.keys(metadata));
  });

  test('says of each what it means', () => {
    expect(told.unexplained).toStrictEqual([]);
  });
});

describe('the reader of the page sees', () => {
  test('a field that went', () => {
    expect(read(page.replace(/^\| `qcStatus`.*\n/m, '')).events).not.toStrictEqual(catalogue);
  });

  test('an event that went, and one too many', () => {
    expect(read(page.replace('### StockIssued.v2', '')).events).not.toStrictEqual(catalogue);
    expect(read(`${page}\n### StockVanished\n`).events).not.toStrictEqual(catalogue);
  });

  test('a check that is another', () => {
    const other = page.replace('whole number of base units, not 0', 'any number');
    expect(read(other).events).not.toStrictEqual(catalogue);
  });

  test('a field without a meaning', () => {
    const dumb = page.replace(/^\| `qcStatus` \| .*? \|/m, '| `qcStatus` |  |');
    expect(read(dumb).unexplained).toStrictEqual(['StockReceived.v2.qcStatus']);
  });
});
