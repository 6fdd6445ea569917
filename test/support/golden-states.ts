import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import {
  streams,
  type Command,
  type DomainEvent,
  type InventoryEvent,
  type StreamDefinition,
} from '../../libs/domain';
import { histories } from './histories';

/** What histories were folded and packed to by each version of a state: `test/golden-states/<category>-<version>.json`. */
export const GOLDEN_STATES = join(__dirname, '../golden-states');

export type AnyDefinition = StreamDefinition<unknown, Command, DomainEvent, unknown>;
export const definitions = Object.values(streams) as unknown as readonly AnyDefinition[];

interface Happened extends DomainEvent {
  readonly effectiveAt: string;
}

export interface GoldenStates {
  /** Event types of the catalogue at that version. */
  readonly types: readonly string[];
  readonly histories: readonly { readonly events: readonly Happened[]; readonly packed: unknown }[];
}

export const fileOf = ({ category, form }: AnyDefinition): string =>
  `${category}-${form.version}.json`;

/** The packed state after a history, as JSON gives it back. */
export function packedAfter(
  { initial, evolve, form }: AnyDefinition,
  events: readonly Happened[],
): unknown {
  const state = events.reduce<unknown>((before, event) => evolve(before, event, event), initial);
  return JSON.parse(JSON.stringify(form.pack(state))) as unknown;
}

export function readGoldenStates(definition: AnyDefinition): GoldenStates | undefined {
  const file = join(GOLDEN_STATES, fileOf(definition));
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as GoldenStates) : undefined;
}

const HISTORIES = 20;
const MOST_EVENTS = 60;

function byStream(events: readonly InventoryEvent[]): Map<string, InventoryEvent[]> {
  const found = new Map<string, InventoryEvent[]>();
  for (const event of events) found.set(event.stream, [...(found.get(event.stream) ?? []), event]);
  return found;
}

/**
 * A few beginnings of streams, each the one that adds most to those before it: types of events, and types that it ends
 * with, so that what one of them leaves open is packed as well.
 */
function telling(streamsOf: readonly InventoryEvent[][]): InventoryEvent[][] {
  const beginnings = streamsOf.flatMap((stream) =>
    stream.slice(0, MOST_EVENTS).map((_, index) => stream.slice(0, index + 1)),
  );
  const seen = new Set<string>();
  const addedBy = (stream: readonly InventoryEvent[]): string[] =>
    [...new Set([...stream.map(({ type }) => type), `ends with ${stream.at(-1)?.type}`])].filter(
      (trait) => !seen.has(trait),
    );
  return Array.from({ length: Math.min(HISTORIES, beginnings.length) }, () => {
    const most = beginnings.reduce((best, each) => {
      const more = addedBy(each).length - addedBy(best).length;
      return more > 0 || (more === 0 && each.length > best.length) ? each : best;
    });
    beginnings.splice(beginnings.indexOf(most), 1);
    for (const trait of addedBy(most)) seen.add(trait);
    return most;
  });
}

let samples: (readonly InventoryEvent[])[] | undefined;

/** What this version makes of histories that show what it can. */
export function goldenHistories(definition: AnyDefinition): GoldenStates['histories'] {
  samples ??= fc.sample(histories(400, 400), { seed: 17, numRuns: 40 });
  const streamsOf = samples.flatMap((sample) => [
    ...byStream(sample.filter(({ category }) => category === definition.category)).values(),
  ]);
  return telling(streamsOf).map((stream) => {
    const events = stream.map(({ type, data, metadata }) => ({
      type,
      data,
      effectiveAt: metadata.effectiveAt,
    }));
    return { events, packed: packedAfter(definition, events) };
  });
}

/** Writes the file of a version that has none, never one that is there; answers what it wrote. */
export function writeGoldenStates(folder = GOLDEN_STATES): string[] {
  return definitions
    .filter((definition) => !existsSync(join(folder, fileOf(definition))))
    .map((definition) => {
      const types = Object.keys(definition.events).sort();
      const golden: GoldenStates = { types, histories: goldenHistories(definition) };
      const file = fileOf(definition);
      writeFileSync(join(folder, file), `${JSON.stringify(golden)}\n`, { flag: 'wx' });
      return file;
    });
}
