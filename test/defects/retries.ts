import { CONFLICT, contract } from './check';
import type { Defect } from './defect';

const check = contract('idempotency');
const batch = (what: string, failure?: string) =>
  check(`given a stream that holds abcdef, when a batch append ${what}`, failure);
const unary = (what: string) =>
  check(`given a stream that holds abcdef, when a unary append ${what}`);
const hidden = (what: string) => check(`given events that are hidden by now, when a ${what}`);

const inFlight = (expected: string) =>
  contract('in-flight')(
    `given an append expecting ${expected} that comes ten times on one call at once, when it is answered, then all are told the same and it is written once`,
  );

/** A client that has lost an answer repeats its append; these make the repetition lose or double events. */
export const retries: readonly Defect[] = [
  {
    name: 'an append of which some ids are known at their revisions counts as done',
    harm: 'its new events are lost, and the client is told that they are stored',
    file: 'writing/decisions.ts',
    find: 'reaches <= last && events.every(',
    replace: 'reaches <= last && events.some(',
    caughtBy: batch(
      'expecting no_stream brings abx, then it is refused: conflict, it is at 5, and writes nothing',
    ),
  },
  {
    name: 'an append that repeats the end of a stream and goes on beyond it counts as done',
    harm: 'the events beyond the end are lost, and the client is told that they are stored',
    file: 'writing/decisions.ts',
    find: 'reaches <= last && events.every((e, i) =>',
    replace: 'events.every((e, i) => revision + 1 + i > last ||',
    caughtBy: unary(
      'expecting 3n brings efg, then it is refused: conflict, it is at 5, and writes nothing',
    ),
  },
  {
    name: 'a repeated append is told the last revision of the stream, not its own',
    harm: 'a client takes the events of others for its own and overwrites what it has not seen',
    file: 'writing/decisions.ts',
    find: "return { kind: 'known', revision: reaches }",
    replace: "return { kind: 'known', revision: last }",
    caughtBy: batch(
      'expecting no_stream repeats abc, then it succeeds at revision 2 and writes nothing',
    ),
  },
  {
    name: 'a repeated append is told the position of the newest event, not of its own',
    harm: 'a reader that waits for the position waits for what is none of its business',
    file: 'writing/decisions.ts',
    find: 'group.positionAt(head, revision) }',
    replace: 'group.positionAt(head, head.last) }',
    caughtBy: unary('expecting 0n repeats bc, then it succeeds at revision 2 and writes nothing'),
  },
  {
    name: 'ids are not looked at when an exact append is repeated',
    harm: 'every lost answer becomes a conflict that the client cannot resolve',
    file: 'log/group.ts',
    find: 'return found && idOf(found.row);',
    replace: 'return undefined;',
    caughtBy: batch(
      'expecting 2n repeats d, then it succeeds at revision 3 and writes nothing',
      CONFLICT,
    ),
  },
  {
    name: 'an append at the current revision counts as done when its ids are known',
    harm: 'events that the client wants written a second time are lost',
    file: 'writing/decisions.ts',
    find: 'if (revision === last) return WRITE;',
    replace:
      "if (revision === last) return head && group.idAt(head, 0) === events[0]?.id ? { kind: 'known', revision: last } : WRITE;",
    caughtBy: batch('expecting 5n brings a, then it is written, ids that are known too: abcdefa'),
  },
  {
    name: 'a known id with other content is a conflict',
    harm: 'a retry whose payload was made anew, with another clock say, never succeeds',
    file: 'writing/decisions.ts',
    find: 'group.idAt(head, revision + 1 + i) === e.id)',
    replace:
      "group.idAt(head, revision + 1 + i) === e.id && require('../log/record').dataOf(group.store.row(group.positionAt(head, revision + 1 + i))).equals(e.data))",
    caughtBy: unary(
      'expecting 2n brings a known id with other content, then it succeeds and the old content stays',
    ),
  },
  {
    name: 'any is not idempotent at all',
    harm: 'each lost answer stores the events twice',
    file: 'writing/retries.ts',
    find: 'known.set(id, { stream, revision });',
    replace: '',
    caughtBy: batch('expecting any repeats abc, then it succeeds at revision 2 and writes nothing'),
  },
  {
    name: 'any finds an id that another stream has used',
    harm: 'an event that is stored in one stream can never be stored in a second one',
    file: 'writing/retries.ts',
    find: 'entry?.stream === stream ? entry.revision : undefined',
    replace: 'entry?.revision',
    caughtBy: check(
      'given an id that two streams hold, when a batch append repeats it in the second stream with any, then every retry is written',
    ),
  },
  {
    name: 'an id counts for the stream that used it last',
    harm: 'tests pass against this node that fail against the real one, where every retry in the second stream is written',
    file: 'writing/retries.ts',
    find: 'if (known.has(id)) return;',
    replace: '',
    caughtBy: check(
      'given an id that two streams hold, when a unary append repeats it in the second stream with any, then every retry is written',
    ),
  },
  {
    name: 'any remembers ids over a restart',
    harm: 'a client learns to trust in what the real node forgets',
    file: 'writing/retries.ts',
    find: `export function openRetries(limit = REMEMBERED): Retries {
  const known = new Map<string, { readonly stream: number; readonly revision: number }>();`,
    replace: `const known = new Map<string, { readonly stream: number; readonly revision: number }>();
export function openRetries(limit = REMEMBERED): Retries {`,
    caughtBy: check(
      'given a restart since the batch append, when it is repeated with any, then nothing is remembered and it is written again',
    ),
  },
  {
    name: 'any counts an append as done when its first id is known',
    harm: 'the new events behind the known one are lost',
    file: 'writing/decisions.ts',
    find: 'last === undefined || revisions.includes(undefined)',
    replace: 'last === undefined',
    caughtBy: batch(
      'expecting any brings axb, then it is refused: conflict, it is at 5, and writes nothing',
    ),
  },
  {
    name: 'any writes an append whose first id is known and another is not',
    harm: 'the known event is stored twice',
    file: 'writing/decisions.ts',
    find: `revisions.includes(undefined)
    ? WRONG`,
    replace: `revisions.includes(undefined)
    ? WRITE`,
    caughtBy: unary(
      'expecting any brings abx, then it is refused: conflict, it is at 5, and writes nothing',
    ),
  },
  {
    name: 'any refuses an append whose first id is new and another is known',
    harm: 'an append that the real node writes is a conflict here',
    file: 'writing/decisions.ts',
    find: 'if (revisions[0] === undefined) return WRITE;',
    replace: 'if (revisions.every((revision) => revision === undefined)) return WRITE;',
    caughtBy: batch(
      'expecting any brings xa, then it is written, ids that are known too: abcdefxa',
      CONFLICT,
    ),
  },
  {
    name: 'any answers a repetition in another order with the largest revision',
    harm: 'the client is told a revision that is not that of its last event',
    file: 'writing/decisions.ts',
    find: 'const last = revisions.at(-1);',
    replace: 'const last = Math.max(...revisions.map((revision) => revision ?? -1));',
    caughtBy: batch('expecting any repeats ca, then it succeeds at revision 0 and writes nothing'),
  },
  {
    name: 'a repeated append is told a position that truncation hides',
    harm: 'the real node gives none; code that counts on one breaks on the first truncated stream',
    file: 'writing/decisions.ts',
    find: 'const hidden = revision < firstVisible(group.store, stream, head, group.nowMs);',
    replace: 'const hidden = head.deleted;',
    caughtBy: hidden(
      'batch append repeats them below $tb, then the reply has the revision but no position',
    ),
  },
  {
    name: 'a repetition brings a soft-deleted stream back',
    harm: 'a late retry undoes a delete and stores the events twice',
    file: 'writing/decisions.ts',
    find: 'if (revision === last) return WRITE;',
    replace:
      "if (revision === last || (head?.deleted && expected.kind === 'no_stream')) return WRITE;",
    caughtBy: hidden(
      'unary append expecting no_stream repeats them in a soft-deleted stream, then it has no position and stays deleted',
    ),
  },
  {
    name: 'a repetition is not recognised while the first is still being written',
    harm: 'a client that repeats an append too soon is told of a conflict with itself',
    file: 'log/group.ts',
    find: 'const found = eventAt(head, revision);',
    replace: 'const found = store.event(head.number, revision);',
    caughtBy: inFlight('no_stream'),
  },
  {
    name: 'a repetition is told no position while the first is still being written',
    harm: 'a client that waits for the position has nothing to wait for',
    file: 'log/group.ts',
    find: 'eventAt(head, revision)?.position,',
    replace: 'store.event(head.number, revision)?.position,',
    caughtBy: inFlight('any'),
  },
];
