import { randomUUID } from 'node:crypto';
import { decideAppend, decideTombstone } from '../writing/decisions';
import type { Group } from '../log/group';
import type { Chances } from './chances';
import type { Outcome } from '../writing/outcomes';
import { openRetries, type Retries } from '../writing/retries';
import type { Writer, WriteRequest } from '../log/writer';

/** Answers some writes with a time-out, before or after they are done, and scatters what is written over the log. */
export function hostileWriter(inner: Writer, chances: Chances): Writer {
  const late = new Map<NodeJS.Timeout, WriteRequest>();
  const delayMs = (deed: 'timeoutBeforeCommit' | 'lateCommit'): number =>
    chances.between(deed, 0, chances.profile.longestDelayMs);
  const timeOut = (request: WriteRequest): void => request.done({ kind: 'timeout' });

  const submitLate = (timer: NodeJS.Timeout, request: WriteRequest): void => {
    clearTimeout(timer);
    late.delete(timer);
    // It has been answered: how it ends is nobody's business any more, and a deadline was for the answer.
    inner.submit({ ...request, deadlineMs: Infinity, done: ignore, failed: ignore });
  };

  return {
    submit(original) {
      const request = { ...original, decide: scattered(original, chances) };
      if (chances.happens('timeoutBeforeCommit')) {
        return void setTimeout(timeOut, delayMs('timeoutBeforeCommit'), request);
      }
      if (chances.happens('timeoutAfterCommit')) {
        return inner.submit({ ...request, done: () => timeOut(request) });
      }
      if (chances.happens('lateCommit')) {
        const timer = setTimeout(() => submitLate(timer, request), delayMs('lateCommit'));
        late.set(timer, request);
        return timeOut(request);
      }
      inner.submit(request);
    },
    isFull: () => inner.isFull(),
    whenFree: (go) => inner.whenFree(go),
    async idle() {
      for (const [timer, request] of [...late]) submitLate(timer, request);
      await inner.idle();
    },
    close: () => inner.close(),
  };
}

const ignore = (): void => undefined;

/** Decides as before, on a group in which other records get between; a retry may be told less than it could be. */
function scattered(request: WriteRequest, chances: Chances): WriteRequest['decide'] {
  return (group) => {
    if (chances.happens('systemEvent')) addSystemEvent(group, chances);
    let added = false;
    const outcome = request.decide({
      ...group,
      add(stream, head, revision, event) {
        added = true;
        if (chances.happens('gap')) addGap(group, chances);
        return group.add(stream, head, revision, event);
      },
      addEmpty() {
        added = true;
        return group.addEmpty();
      },
    });
    return added ? outcome : hidePosition(outcome, chances);
  };
}

function hidePosition(outcome: Outcome, chances: Chances): Outcome {
  return outcome.kind === 'success' && chances.happens('missingPosition')
    ? { ...outcome, position: undefined }
    : outcome;
}

/** Records that are no events: nobody is told of them, and what follows lies that much higher. */
function addGap(group: Group, chances: Chances): void {
  for (let n = chances.between('gap', 1, 8); n > 0; n -= 1) group.addEmpty();
}

const SYSTEM_EVENTS: readonly (readonly [stream: string, type: string, data: string])[] = [
  ['$$$stats-127.0.0.1:2113', '$metadata', '{"$maxAge":86400}'],
  ['$stats-127.0.0.1:2113', '$statsCollected', '{"proc-cpu":0}'],
  ['$user-ops', '$UserUpdated', '{"loginName":"ops"}'],
  ['$ce-nothing', '$>', '0@nothing-1'],
  ['$settings', 'StockReceived', '{}'],
];

function addSystemEvent(group: Group, chances: Chances): void {
  const [stream, type, data] =
    SYSTEM_EVENTS[chances.between('systemEvent', 0, SYSTEM_EVENTS.length)] ?? [];
  const any = { kind: 'any' } as const;
  if (stream === undefined || type === undefined || data === undefined) {
    return void decideTombstone(group, `$gone-${randomUUID()}`, any);
  }
  const event = {
    id: randomUUID(),
    type: Buffer.from(type),
    contentType: 'application/json',
    data: Buffer.from(data),
    metadata: Buffer.alloc(0),
  };
  decideAppend(group, openRetries(1), stream, any, [event]);
}

/** Forgets all ids now and then, as a restart would. */
export function hostileRetries(chances: Chances): Retries {
  let known = openRetries();
  return {
    revisionOf: (id, stream) => known.revisionOf(id, stream),
    remember(id, stream, revision) {
      if (chances.happens('forgottenIds')) known = openRetries();
      known.remember(id, stream, revision);
    },
    clear: () => known.clear(),
  };
}
