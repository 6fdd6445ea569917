import type { EventMetadata, RecordedEvent } from '../domain';
import { isOutage } from './client';
import type { DecidedHere } from './remembered-commands';
import type { LogPort } from './log-port';
import type { AnyRequest } from './round';
import type { AnyOutcome } from './pending';

type Accepted = Extract<AnyOutcome, { kind: 'accepted' }>;

/** The original answer of a command, told from its stored events. */
export async function answerReplay(
  log: LogPort,
  stream: string,
  at: DecidedHere,
): Promise<Accepted> {
  const events = await eventsOf(log, stream, at);
  const last = events.at(-1);
  if (!last)
    throw new Error(`${stream} lacks the events ${at.firstRevision} to ${at.lastRevision}`);
  let { position } = last;
  const { followers } = last.metadata;
  if (followers) {
    for await (const event of log.read(stream, last.revision + followers, 1))
      position = event.position;
  }
  return { kind: 'accepted', events, revision: last.revision, position, replayed: true };
}

/** All of a command. Whoever told where it is may have seen its first events only: the audit log gets them batch by batch. */
async function eventsOf(
  log: LogPort,
  stream: string,
  { firstRevision, lastRevision }: DecidedHere,
): Promise<readonly RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  let next = firstRevision;
  // One more than we know of: the first of another command shows that this one has ended.
  for (let upTo = lastRevision + 1; next <= upTo; upTo = next + MORE) {
    const before = next;
    for await (const event of log.read(stream, next, upTo - next + 1)) {
      if (events[0] && event.metadata.commandId !== events[0].metadata.commandId) return events;
      events.push(event);
      next = event.revision + 1;
    }
    if (next <= upTo || next === before) return events;
  }
  return events;
}
const MORE = 32;

/** A key used for two different commands: names what differs where the first one's events tell. */
export async function answerReused(
  log: LogPort,
  stream: string,
  at: DecidedHere | undefined,
  request: AnyRequest,
): Promise<AnyOutcome> {
  const earlier = at && (await firstEventOf(log, stream, at));
  const differs = earlier
    ? whatDiffers(earlier, request)
    : stream === request.stream
      ? 'another body'
      : `another command, on ${stream}`;
  return {
    kind: 'refused',
    refusal: {
      code: 'IDEMPOTENCY_KEY_REUSED',
      detail: `this Idempotency-Key was used before for ${differs}; a new command needs a new key`,
    },
  };
}

async function firstEventOf(
  log: LogPort,
  stream: string,
  { firstRevision, commandHash }: DecidedHere,
): Promise<EventMetadata | undefined> {
  try {
    for await (const { metadata } of log.read(stream, firstRevision, 1))
      return metadata.commandHash === commandHash ? metadata : undefined;
  } catch (error) {
    // The refusal stands without its details too.
    if (!isOutage(error)) throw error;
  }
  return undefined;
}

function whatDiffers(
  { command: earlier, reason }: EventMetadata,
  { command: now, context }: AnyRequest,
): string {
  if (!earlier) return 'another command';
  if (earlier.type !== now.type) return `${earlier.type}, this is ${now.type}`;
  const before = earlier.data as Record<string, unknown>;
  const after = now.data as Record<string, unknown>;
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const changed = names.filter(
    (name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]),
  );
  if (reason !== context.reason) changed.push('reason');
  // What was left out the first time and is spelled out now, or the other way round.
  if (changed.length === 0) changed.push('effectiveAt, or a default that one of them spells out');
  return `${earlier.type} with other ${changed.join(', ')}`;
}
