import type {
  AllStreamRecordedEvent,
  AllStreamResolvedEvent,
  RecordedEvent,
  ResolvedEvent,
} from '@eventstore/db-client';
import type { Names } from './names';
import { nameIn, textOfUuid, type ReadResp } from './stubs';

/** An event as a reader was told of it; names, ids and types in their short form. */
export interface ObservedEvent {
  readonly stream: string;
  readonly revision: string;
  readonly label: string;
  readonly type: string;
  readonly isJson: boolean;
  /** JSON with sorted keys, so that a node's own way of writing it does not count. */
  readonly data: string;
  readonly metadata: string;
  readonly position: bigint;
  /** Milliseconds since 1970. */
  readonly createdMs: number;
}

export interface Observed {
  readonly isOwn: boolean;
  /** The full names of the record that was read, for what belongs to others. */
  readonly streamName: string;
  readonly typeName: string;
  readonly event: ObservedEvent | undefined;
  readonly link: ObservedEvent | undefined;
  /** Of the record that was read: the link when there is one. */
  readonly position: bigint;
}

/** JSON text in one form. Without `exact`, numbers are what JSON.parse makes of them. */
export function canonical(text: string, exact: boolean): string {
  const safe = exact ? text.replace(/(?<=[:[,\s])-?\d{16,}(?=[\s,}\]])/g, '"$&"') : text;
  try {
    return JSON.stringify(sorted(JSON.parse(safe)));
  } catch {
    return text;
  }
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, sorted(inner)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** What the official client hands out. */
export function fromClient(
  names: Names,
  resolved: ResolvedEvent | AllStreamResolvedEvent,
): Observed {
  const record = resolved.link ?? resolved.event;
  if (!record) throw new Error('neither an event nor a link');
  const position = positionOf(record.position?.commit, record.position?.prepare);
  if (resolved.commitPosition !== undefined && resolved.commitPosition !== position) {
    throw new Error(`the position is ${resolved.commitPosition} outside and ${position} inside`);
  }
  return {
    isOwn: names.isOwn(record.streamId),
    streamName: record.streamId,
    typeName: record.type,
    event: resolved.event && clientEvent(names, resolved.event),
    link: resolved.link && clientEvent(names, resolved.link),
    position,
  };
}

function clientEvent(names: Names, event: RecordedEvent | AllStreamRecordedEvent): ObservedEvent {
  return {
    stream: names.short(event.streamId),
    revision: String(event.revision),
    label: names.labelOf(event.id),
    type: names.short(event.type),
    isJson: event.isJson,
    data: names.short(dataText(event.data, event.isJson)),
    metadata: names.short(dataText(event.metadata ?? '', true)),
    position: positionOf(event.position?.commit, event.position?.prepare),
    createdMs: event.created.getTime(),
  };
}

function dataText(data: unknown, isJson: boolean): string {
  if (data instanceof Uint8Array) return Buffer.from(data).toString('utf8');
  if (typeof data === 'string') return data;
  return isJson ? canonical(JSON.stringify(data), false) : JSON.stringify(data);
}

/** What the stub hands out. */
export function fromStub(names: Names, message: ReadResp.ReadEvent): Observed {
  const event = message.getEvent();
  const link = message.getLink();
  const record = link ?? event;
  if (!record) throw new Error('neither an event nor a link');
  const position = positionOf(record.getCommitPosition(), record.getPreparePosition());
  if (BigInt(message.getCommitPosition()) !== position) {
    throw new Error(`the position is ${message.getCommitPosition()} outside, ${position} inside`);
  }
  const streamName = nameIn(record.getStreamIdentifier());
  return {
    isOwn: names.isOwn(streamName),
    streamName,
    typeName: record.getMetadataMap().get('type') ?? '',
    event: event && stubEvent(names, event),
    link: link && stubEvent(names, link),
    position,
  };
}

function stubEvent(names: Names, event: ReadResp.ReadEvent.RecordedEvent): ObservedEvent {
  const told = event.getMetadataMap();
  const isJson = told.get('content-type') === 'application/json';
  const text = (bytes: Uint8Array): string => names.short(Buffer.from(bytes).toString('utf8'));
  const data = text(event.getData_asU8());
  return {
    stream: names.short(nameIn(event.getStreamIdentifier())),
    revision: event.getStreamRevision(),
    label: names.labelOf(textOfUuid(event.getId())),
    type: names.short(told.get('type') ?? ''),
    isJson,
    data: isJson ? canonical(data, true) : data,
    metadata: text(event.getCustomMetadata_asU8()),
    position: positionOf(event.getCommitPosition(), event.getPreparePosition()),
    createdMs: Number(BigInt(told.get('created') ?? 0) / 10_000n),
  };
}

/** Both parts of an event's position are the same. */
function positionOf(
  commit: bigint | string | undefined,
  prepare: bigint | string | undefined,
): bigint {
  if (commit === undefined || prepare === undefined) throw new Error('an event has no position');
  if (String(commit) !== String(prepare)) throw new Error(`position ${commit}/${prepare}`);
  return BigInt(commit);
}
