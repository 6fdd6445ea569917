import { performAppend, type WriteReply } from './appends';
import { compareWrite } from './comparing';
import type { Append, Restart } from './operations';
import { performReadLog } from './reads';
import { appendRefusal } from './refusals';
import type { Run } from './run-state';

/** Kills the node as soon as what `launch` sets going has its first answer, and starts it again. */
export type RestartNode = (launch: () => Promise<unknown>) => Promise<void>;

/** Restarts the node in the middle of an append and finds out what has become of it. */
export async function performRestart(
  run: Run,
  { inFlight }: Restart,
  restart: RestartNode,
): Promise<string | undefined> {
  const { connection, names, model } = run;
  let answer: Promise<WriteReply | 'lost'> | undefined;
  await restart(() => {
    if (!inFlight) return Promise.resolve();
    // The call ends in a way of its own when the node goes away under it.
    answer = performAppend(connection, names, inFlight).catch(() => 'lost' as const);
    return answer;
  });
  const reply = await answer;
  const isLost = reply === 'lost' || (reply && 'refused' in reply && LOST.test(reply.refused));
  let difference: string | undefined;
  // Decided before the restart: what it knew of earlier ids counts.
  if (inFlight && reply && (!isLost || (await isWritten(run, inFlight)))) {
    const expected = model.append(inFlight);
    const isRaw = inFlight.via.startsWith('raw');
    const refusal = (no: Parameters<typeof appendRefusal>[1]) => appendRefusal(inFlight.via, no);
    if (!isLost) difference = compareWrite(model, expected, refusal, reply, isRaw);
  }
  model.forgetRetries();
  return difference;
}

/** How calls end whose node has gone away: a status, or the type of the client's error. */
const LOST = /^(unavailable|cancelled|internal|unknown|error)/i;

/** Looks at the end of the sequence's own part of the log. */
async function isWritten({ connection, names }: Run, { events }: Append): Promise<boolean> {
  const filter = { on: 'stream', prefixes: ['~'], window: 32, interval: 1 } as const;
  const common = { op: 'read-log', via: 'raw', backwards: true, resolve: false } as const;
  const read = { ...common, from: 'end', count: events.length, filter } as const;
  const newest = await performReadLog(connection, names, read, 'end');
  return newest.events.some(({ event }) => events.some(({ label }) => label === event?.label));
}

/** A restart hits all who use the node: it happens when every party has come to its own, or has ended. */
export function meetingOf(parties: number, restart: RestartNode) {
  let missing = parties;
  const waiting: {
    readonly launch: () => Promise<unknown>;
    readonly go: () => void;
    readonly fail: (error: unknown) => void;
  }[] = [];
  const oneLess = (): void => {
    missing -= 1;
    if (missing > 0 || waiting.length === 0) return;
    restart(() => Promise.race(waiting.map(({ launch }) => launch()))).then(
      () => waiting.forEach(({ go }) => go()),
      (error: unknown) => waiting.forEach(({ fail }) => fail(error)),
    );
  };
  return {
    /** A party arrives once, and leaves in any case. */
    seat() {
      let isMissing = true;
      return {
        arrive: (launch: () => Promise<unknown>): Promise<void> =>
          new Promise((resolve, reject) => {
            isMissing = false;
            waiting.push({ launch, go: resolve, fail: reject });
            oneLess();
          }),
        leave: (): void => {
          if (isMissing) oneLess();
          isMissing = false;
        },
      };
    },
  };
}
