import {
  problemsOf,
  streams,
  type DomainEvent,
  type EventCatalogue,
  type EventMetadata,
  type InventoryEvent,
  type RecordedEvent,
  type Upcast,
} from '../domain';

/** An event that this version cannot read, or must not write. */
export class CodecError extends Error {}

/** The store's own words for one event, in either direction. */
export interface RawEvent {
  readonly id: string;
  readonly stream: string;
  readonly revision: number;
  readonly position: bigint;
  readonly type: string;
  readonly data: unknown;
  readonly metadata: unknown;
}

/** The largest event we write: appends in flight while a server dies must stay small (client rule 3). */
export const MAX_EVENT_BYTES = 64 * 1024;

/** In maps, because a type out of the log may be called `constructor`. */
interface Catalogue {
  readonly events: ReadonlyMap<string, EventCatalogue[string]>;
  readonly upcasts: ReadonlyMap<string, Upcast>;
}
const catalogues: ReadonlyMap<string, Catalogue> = new Map(
  Object.values(streams).map(({ category, events, upcasts }) => [
    category,
    { events: new Map(Object.entries(events)), upcasts: new Map(Object.entries(upcasts)) },
  ]),
);

export const categories: readonly string[] = [...catalogues.keys()];

export const categoryOf = (stream: string): string => stream.slice(0, stream.indexOf('-'));

/** Takes the payload through its upcasts and checks it against the catalogue. Throws CodecError. */
export function decode(raw: RawEvent): InventoryEvent {
  const category = categoryOf(raw.stream);
  const catalogue = catalogues.get(category);
  if (!catalogue) throw new CodecError(`no stream is called ${category}-…`);
  const { type, data } = upcast(raw, catalogue.upcasts);
  const shape = catalogue.events.get(type);
  if (!shape)
    throw new CodecError(`the event type ${type} is unknown to this version of Lotstream`);
  const problems = problemsOf(shape, data);
  if (problems.length > 0) throw new CodecError(`${type}: ${problems.join('; ')}`);
  const { id, stream, revision, position } = raw;
  const metadata = metadataOf(raw.metadata);
  return { id, stream, category, revision, position, type, data, metadata } as InventoryEvent;
}

function upcast(raw: RawEvent, upcasts: Catalogue['upcasts']): { type: string; data: unknown } {
  let { type, data } = raw as { type: string; data: unknown };
  for (let step = upcasts.get(type); step; step = upcasts.get(type)) {
    data = step.data(data as Record<string, unknown>);
    type = step.to;
  }
  return { type, data };
}

const required = [
  'commandId',
  'commandHash',
  'correlationId',
  'causationId',
  'tenant',
  'actor',
] as const;

function metadataOf(metadata: unknown): EventMetadata {
  const found = metadata as Partial<Record<string, unknown>> | undefined;
  if (typeof found !== 'object' || found === null)
    throw new CodecError('the event has no metadata');
  if (found.schema !== 1)
    throw new CodecError(`metadata of schema ${String(found.schema)} is unknown`);
  const missing = [...required, 'effectiveAt', 'recordedAt'].filter(
    (name) => typeof found[name] !== 'string',
  );
  if (missing.length > 0) throw new CodecError(`metadata lacks ${missing.join(', ')}`);
  return found as unknown as EventMetadata;
}

/** Checks an event before the client sees it: what is wrong must not reach the log, nor end the process (rule 2). */
export function checkEncodable(category: string, event: DomainEvent): void {
  const shape = catalogues.get(category)?.events.get(event.type);
  if (!shape) throw new CodecError(`${category} streams have no event ${event.type}`);
  const problems = problemsOf(shape, event.data);
  if (problems.length > 0) throw new CodecError(`${event.type}: ${problems.join('; ')}`);
}

/** An event ready to be sent: metadata as bytes, so that the client need not encode it a second time. */
export interface EncodedEvent {
  readonly id: string;
  readonly type: string;
  readonly data: object;
  readonly metadata: Uint8Array;
  readonly bytes: number;
}

const utf8 = new TextEncoder();

export function encode(
  event: Pick<RecordedEvent, 'id' | 'type' | 'data' | 'metadata'>,
): EncodedEvent {
  const metadata = utf8.encode(JSON.stringify(event.metadata));
  const bytes = metadata.length + Buffer.byteLength(JSON.stringify(event.data));
  if (bytes > MAX_EVENT_BYTES) throw new CodecError(`${event.type} of ${bytes} bytes is too large`);
  return { id: event.id, type: event.type, data: event.data, metadata, bytes };
}
