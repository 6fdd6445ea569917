import { cellOf, instantOf } from './amounts';
import { instant, json, orNull, text, uuid, whole, type RowOf } from './columns';
import { eventTypes, journal, type EventType } from './view';

const columns = {
  position: whole,
  event_id: uuid,
  stream: text,
  category: text,
  revision: whole,
  type: text,
  sku: orNull(text),
  location: orNull(text),
  actor: text,
  reason: orNull(text),
  command_id: uuid,
  command_hash: text,
  correlation_id: text,
  causation_id: text,
  effective_at: instant,
  recorded_at: instant,
  data: json,
} as const;

/** Every event: who, what, when, where, why. */
export const auditLog = journal<RowOf<typeof columns>, EventType>({
  name: 'audit_log',
  version: 2,
  columns,
  key: ['position'],
  indexes: [
    { columns: ['command_id'] },
    // One import is one correlation id; those that we make grow at the end of the index.
    { columns: ['correlation_id', 'position'] },
    { columns: ['stream', 'revision'] },
    { columns: ['sku', 'position'] },
    { columns: ['actor', 'position'] },
    { columns: ['recorded_at'] },
  ],
  handles: Object.fromEntries(eventTypes.map((type) => [type, true])) as Record<EventType, true>,
  partition: [],
  partitionOf: () => [],
  fold(_newest, event) {
    const { data, metadata } = event;
    const row = {
      position: cellOf(event.position),
      event_id: event.id,
      stream: event.stream,
      category: event.category,
      revision: event.revision,
      type: event.type,
      sku: 'sku' in data ? data.sku : null,
      location: 'code' in data ? data.code : 'location' in data ? data.location : null,
      actor: metadata.actor,
      reason: metadata.reason ?? null,
      command_id: metadata.commandId,
      command_hash: metadata.commandHash,
      correlation_id: metadata.correlationId,
      causation_id: metadata.causationId,
      effective_at: instantOf(metadata.effectiveAt),
      recorded_at: instantOf(metadata.recordedAt),
      data,
    };
    return [row];
  },
});
