import type { CheckedEvent } from './decisions';
import { appendTooBig, missingMetadata, unknown, type CallError } from '../calls/errors';
import type { ProposedEvent } from './proposals';

export type Flaw = 'missing-metadata' | 'invalid' | 'too-big';

const LONGEST_NAME = 16_384;
/** As much as one message may bring; an append in many messages must not bring more either. */
export const MAX_METADATA_BYTES = 16 << 20;

/** What is wrong with an append before anything stored is looked at. Metadata has a limit of its own. */
export function flawOf(
  stream: Buffer,
  events: readonly ProposedEvent[],
  maxBytes: number,
): Flaw | undefined {
  if (stream.length === 0 || stream.length > LONGEST_NAME) return 'invalid';
  let bytes = 0;
  let metadataBytes = 0;
  for (const event of events) {
    if (event.type === undefined || event.contentType === undefined) return 'missing-metadata';
    if (event.type.length === 0 || event.type.length > LONGEST_NAME) return 'invalid';
    if (event.id === '') return 'invalid';
    bytes += event.data.length;
    metadataBytes += event.metadata.length;
  }
  return bytes > maxBytes || metadataBytes > MAX_METADATA_BYTES ? 'too-big' : undefined;
}

/** Only for events in which `flawOf` has found nothing. */
export const checked = (events: readonly ProposedEvent[]): readonly CheckedEvent[] =>
  events as readonly CheckedEvent[];

export function errorOf(flaw: Flaw, maxBytes: number): CallError {
  switch (flaw) {
    case 'missing-metadata':
      return missingMetadata();
    case 'invalid':
      return unknown('the stream name, an event id or an event type is missing');
    case 'too-big':
      return appendTooBig(maxBytes);
  }
}

/** Rough size of what waits to be written. */
export const sizeOf = (events: readonly ProposedEvent[]): number =>
  events.reduce((sum, event) => sum + event.data.length + event.metadata.length + 512, 512);
