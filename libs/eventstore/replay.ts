import type { RecordedEvent } from '../domain';
import type { DecidedHere } from './remembered-commands';
import type { LogPort } from './log-port';
import type { AnyRequest } from './round';
import type { AnyOutcome } from './stream-worker';

type Accepted = Extract<AnyOutcome, { kind: 'accepted' }>;

/** The original answer of a command, told from its stored events. */
export async function answerReplay(
  log: LogPort,
  stream: string,
  at: DecidedHere,
): Promise<Accepted> {
  const events: RecordedEvent[] = [];
  const count = at.lastRevision - at.firstRevision + 1;
  for await (const event of log.read(stream, at.firstRevision, count)) events.push(event);
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

/** A key used for two different commands: names what differs where the first one's events tell. */
export async function answerReused(
  log: LogPort,
  stream: string,
  at: DecidedHere | undefined,
  { stream: asked, command }: AnyRequest,
): Promise<AnyOutcome> {
  let differs = stream === asked ? 'another body' : `another command, on ${stream}`;
  if (at) {
    for await (const event of log.read(stream, at.firstRevision, 1)) {
      const earlier = event.metadata.command;
      if (earlier)
        differs = `${earlier.type} with other ${differences(earlier, command).join(', ')}`;
    }
  }
  return {
    kind: 'refused',
    refusal: {
      code: 'IDEMPOTENCY_KEY_REUSED',
      detail: `this Idempotency-Key was used before for ${differs}; a new command needs a new key`,
    },
  };
}

function differences(
  earlier: { readonly type: string; readonly data: unknown },
  now: { readonly type: string; readonly data: object },
): string[] {
  if (earlier.type !== now.type) return ['type'];
  const before = earlier.data as Record<string, unknown>;
  const after = now.data as Record<string, unknown>;
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  const changed = [...names].filter(
    (name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]),
  );
  return changed.length > 0 ? changed : ['details (reason, time or reference)'];
}
