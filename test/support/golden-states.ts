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

const HISTORIES = 12;

function byStream(events: readonly InventoryEvent[]): Map<string, InventoryEvent[]> {
  const found = new Map<string, InventoryEvent[]>();
  for (const event of events) found.set(event.stream, [...(found.get(event.stream) ?? []), event]);
  return found;
}

/** Writes the file of a version that has none, never one that is there; answers what it wrote. */
export function writeGoldenStates(folder = GOLDEN_STATES): string[] {
  return definitions
    .filter((definition) => !existsSync(join(folder, fileOf(definition))))
    .map((definition) => {
      const { category, events } = definition;
      const samples = fc.sample(histories(80), { seed: 17, numRuns: 200 });
      const streamsOf = samples.flatMap((sample) => [
        ...byStream(sample.filter((event) => event.category === category)).values(),
      ]);
      const longest = streamsOf.sort((a, b) => b.length - a.length).slice(0, HISTORIES);
      const golden: GoldenStates = {
        types: Object.keys(events).sort(),
        histories: longest.map((stream) => {
          const happened = stream.map(({ type, data, metadata }) => ({
            type,
            data,
            effectiveAt: metadata.effectiveAt,
          }));
          return { events: happened, packed: packedAfter(definition, happened) };
        }),
      };
      const file = fileOf(definition);
      writeFileSync(join(folder, file), `${JSON.stringify(golden)}\n`, { flag: 'wx' });
      return file;
    });
}
