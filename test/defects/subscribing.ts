import { contract } from './check';
import { HANGS, type Defect } from './defect';

const check = contract('subscribing');
const stored = (from: string) =>
  check(`given the revisions 0 to 3, when they are subscribed to from ${from} come`);
const live = (what: string, failure?: string) =>
  check(`given a subscription that has caught up, when its stream ${what}`, failure);
const log = contract('log-subscribing');
const position = (what: string, failure?: string) =>
  log(
    `given events of two streams, when the log is subscribed to from the position of ${what}, then what comes after it comes`,
    failure,
  );
const filtered = (what: string) =>
  log(
    `given events of several streams and types, when the log is subscribed to with ${what}, then only what matches comes`,
  );
const switched = (what: string) =>
  contract('switch-to-live')(
    `given one append after the other, when ${what} is subscribed to meanwhile, then nothing is lost or repeated at the switch to live events`,
  );
const slow = contract('slow-readers');
const cutOff = (what: string, failure?: string) =>
  slow(
    `given a live reader that does not read, when much is appended to ${what}, then it is cut off, and what came before is contiguous`,
    failure,
  );

/** Subscriptions: each event once, in order, and what is said in between. */
export const subscribing: readonly Defect[] = [
  {
    name: 'a subscription to a stream repeats the event at its revision',
    harm: 'each restart handles an event twice',
    file: 'calls/subscriptions.ts',
    find: "from === 'start' ? 0 : from + 1)",
    replace: "from === 'start' ? 0 : from)",
    caughtBy: stored('2, then stored ones [3], that it has caught up, and live ones [4,5,6]'),
  },
  {
    name: 'a subscription from the start of a stream leaves out its first event',
    harm: 'a stream is folded without its beginning',
    file: 'calls/subscriptions.ts',
    find: "from === 'start' ? 0 : from + 1)",
    replace: "from === 'start' ? 1 : from + 1)",
    caughtBy: check(
      'given no stream, when it is subscribed to from start, then nothing is said until it is made',
    ),
  },
  {
    name: 'a subscription to a stream from its end begins with what is stored',
    harm: 'a reader that wants only what is new handles all that is old',
    file: 'calls/subscriptions.ts',
    find: 'if (fromEnd) followStream(node, read, outlet, 0);',
    replace: 'if (fromEnd) await catchUp(node, read, outlet, 0);',
    caughtBy: stored('end, then stored ones [], that it has caught up, and live ones [4,5,6]'),
  },
  {
    name: 'a revision beyond the end is taken for the end',
    harm: 'events come that the real node skips',
    file: 'calls/subscriptions.ts',
    find: 'revision === TOMBSTONE_REVISION || revision >= next',
    replace: 'true',
    caughtBy: stored('5, then stored ones [], that it has caught up, and live ones [6]'),
  },
  {
    name: 'a subscription to a stream is told that it has caught up before it has',
    harm: 'a projection reports that it is up to date while it is far behind',
    file: 'calls/subscriptions.ts',
    find: 'await outlet.send(confirmation(randomUUID()));\n  if (fromEnd)',
    replace:
      'await outlet.send(confirmation(randomUUID()));\n  outlet.sendLive([CAUGHT_UP]);\n  if (fromEnd)',
    caughtBy: stored('0, then stored ones [1,2,3], that it has caught up, and live ones [4,5,6]'),
  },
  {
    name: 'a subscription to the log is told that it has caught up for each page',
    harm: 'a projection reports that it is up to date while it is far behind',
    file: 'calls/subscriptions.ts',
    find: 'next = last.position + 1;',
    replace: 'next = last.position + 1;\n    outlet.sendLive([CAUGHT_UP]);',
    caughtBy: position('the first'),
  },
  {
    name: 'nobody is told that a stream has been caught up with',
    harm: 'who waits for it waits for ever',
    file: 'calls/subscriptions.ts',
    find: 'outlet.onClose(stop);\n  outlet.sendLive([CAUGHT_UP]);',
    replace: 'outlet.onClose(stop);',
    caughtBy: check(
      'given no stream, when it is subscribed to from its end, then it has caught up at once',
      HANGS,
    ),
  },
  {
    name: 'a subscription to a stream that does not exist says that it has caught up',
    harm: 'code that waits for it works here and hangs on the real node',
    file: 'calls/subscriptions.ts',
    find: 'await somethingHappens(node, stream, outlet);',
    replace: 'outlet.sendLive([CAUGHT_UP]);\n      await somethingHappens(node, stream, outlet);',
    caughtBy: check(
      'given no stream, when it is subscribed to from start, then nothing is said until it is made',
    ),
  },
  {
    name: 'a stream that does not exist yet is never looked for again',
    harm: 'a subscriber that is there before the first event waits for ever',
    file: 'calls/subscriptions.ts',
    find: 'await somethingHappens(node, stream, outlet);\n      continue;',
    replace: 'return somethingHappens(node, `${stream}-other`, outlet);',
    caughtBy: check(
      'given no stream, when it is subscribed to by the official client, then its events come when it is made',
      HANGS,
    ),
  },
  {
    name: 'a subscription to a soft-deleted stream shows what was deleted',
    harm: 'deleted events are handled',
    file: 'calls/subscriptions.ts',
    find: 'if (!isFound(head)) {',
    replace: 'if (!head) {',
    caughtBy: check(
      'given a soft-deleted stream, when it is subscribed to from start, then nothing is said until it is back',
    ),
  },
  {
    name: 'live events below $tb are not delivered',
    harm: 'events come on the real node that never came in a test',
    file: 'calls/subscriptions.ts',
    find: 'revision === TOMBSTONE_REVISION || revision >= next',
    replace:
      'revision === TOMBSTONE_REVISION || revision >= Math.max(next, node.store.head(read.stream)?.truncateBefore ?? 0)',
    caughtBy: live('gets what is truncated, then live events come all the same', HANGS),
  },
  {
    name: 'a soft delete ends the subscriptions to its stream',
    harm: 'a reader stops for what the real node says nothing of',
    file: 'calls/subscriptions.ts',
    find: 'outlet.onClose(stop);\n  outlet.sendLive([CAUGHT_UP]);',
    replace: `outlet.onClose(stop);
  outlet.onClose(node.feed.follow(metastreamOf(read.stream), () => outlet.fail(streamDeleted(read.stream))));
  outlet.sendLive([CAUGHT_UP]);`,
    caughtBy: live(
      'is soft-deleted and written to again, then it is told of the events only',
      'stream-deleted',
    ),
  },
  {
    name: 'a tombstone ends a subscription without being delivered',
    harm: 'a reader does not learn why its stream has ended',
    file: 'calls/subscriptions.ts',
    find: 'revision === TOMBSTONE_REVISION || revision >= next;',
    replace: 'revision >= next;',
    caughtBy: live('is tombstoned, then the tombstone comes and the subscription ends', HANGS),
  },
  {
    name: 'a subscription does not end when its stream is tombstoned',
    harm: 'a reader waits for ever for a stream that has ended',
    file: 'calls/subscriptions.ts',
    find: 'outlet.failAfterBacklog(streamDeleted(read.stream));',
    replace: '',
    caughtBy: live('is tombstoned, then the tombstone comes and the subscription ends', HANGS),
  },
  {
    name: 'a subscription to the log repeats the event at its position',
    harm: 'each restart of a projection counts an event twice',
    file: 'calls/subscriptions.ts',
    find: 'from.prepare < from.commit ? from.commit : from.commit + 1',
    replace: 'from.commit',
    caughtBy: position('the second'),
  },
  {
    name: 'a subscription from a position with a lower prepare leaves out the event there',
    harm: 'a projection that goes on from a checkpoint loses an event',
    file: 'calls/subscriptions.ts',
    find: 'from.prepare < from.commit ? from.commit : from.commit + 1',
    replace: 'from.commit + 1',
    caughtBy: position('just before the second, by 0', HANGS),
  },
  {
    name: 'a subscription from far beyond the end of the log skips up to there',
    harm: 'a projection with a checkpoint of another store stands still without an error',
    file: 'calls/subscriptions.ts',
    find: 'if (!filter || filter.matches(row)) messages.push(deliver(position, row));',
    replace:
      "const from = typeof read.from === 'string' ? 0 : read.from.commit;\n        if ((!filter || filter.matches(row)) && position > from) messages.push(deliver(position, row));",
    caughtBy: log(
      'given events of two streams, when the log is subscribed to from far beyond its end, then whatever is appended from now on comes',
      HANGS,
    ),
  },
  {
    name: 'a subscription to the log leaves out metadata and tombstones that are stored',
    harm: 'a rebuilt projection differs from one that was live',
    file: 'calls/subscriptions.ts',
    find: 'const isEvent = holdsEvent(row);',
    replace:
      "const isEvent = holdsEvent(row) && require('../log/record').typeBytesOf(row)[0] !== 0x24;",
    caughtBy: log(
      'given a subscription to the log, when streams are described, deleted and tombstoned, then it is told, stored and live alike',
    ),
  },
  {
    name: 'what is appended while a subscription to a stream turns to live events is lost',
    harm: 'an event in a thousand is never handled, and nobody is told',
    file: 'calls/subscriptions.ts',
    find: 'return followStream(node, read, outlet, Math.max(next, head.last + 1));',
    replace: `await new Promise((go) => setTimeout(go, 100));
      return followStream(node, read, outlet, Math.max(next, head.last + 1));`,
    caughtBy: switched('the stream'),
  },
  {
    name: 'what is appended while a subscription to the log turns to live events is lost',
    harm: 'an event in a thousand is never handled, and nobody is told',
    file: 'calls/subscriptions.ts',
    find: '// Nothing may come between finding the end of the log and following it.',
    replace: 'await new Promise((go) => setTimeout(go, 100));',
    caughtBy: switched('the log'),
  },
  {
    name: 'a live reader that does not keep up loses events',
    harm: 'a slow projection has gaps, and nobody is told',
    file: 'calls/outlet.ts',
    find: "return outlet.fail(new CallError(status.ABORTED, 'the reader is too slow'));",
    replace: 'return;',
    caughtBy: cutOff('a stream', HANGS),
  },
  {
    name: 'a live reader that does not keep up is never cut off',
    harm: 'one reader that hangs takes all the memory of the node',
    file: 'calls/outlet.ts',
    find: 'if (backlog.length > LIVE_BACKLOG) {',
    replace: 'if (backlog.length > 1e9) {',
    caughtBy: cutOff('the log', HANGS),
  },
  {
    name: 'a reader that is cut off is told that the node is unavailable',
    harm: 'a client takes its own slowness for an outage and waits',
    file: 'calls/outlet.ts',
    find: "status.ABORTED, 'the reader is too slow'",
    replace: "status.UNAVAILABLE, 'the reader is too slow'",
    caughtBy: cutOff('a part of the log'),
  },
  {
    name: 'a reader that catches up slowly is cut off',
    harm: 'a projection that is rebuilt never comes to the end of the log',
    file: 'calls/subscriptions.ts',
    find: `for (const { position, row } of rows) {
      const wait = outlet.send(deliver(position, row));
      if (wait) await wait;
      if (outlet.closed()) return;
    }
    next = begin`,
    replace: `for (const { position, row } of rows) outlet.sendLive([deliver(position, row)]);
    next = begin`,
    caughtBy: slow(
      'given a reader that catches up slowly, when it stops for a while, then it is not cut off',
      'the reader is too slow',
    ),
  },
  {
    name: 'a filter on streams looks at types',
    harm: 'a projection gets events that are none of its business and misses its own',
    file: 'calls/filters.ts',
    find: 'byType ? typeBytesOf : streamBytesOf',
    replace: 'byType ? streamBytesOf : typeBytesOf',
    caughtBy: filtered('a regex of types'),
  },
  {
    name: 'an empty list of prefixes matches everything',
    harm: 'the real node sends nothing; a projection that works here stays empty there',
    file: 'calls/filters.ts',
    find: 'wanted.some(\n',
    replace: 'wanted.length === 0 || wanted.some(\n',
    caughtBy: filtered('no prefix at all'),
  },
  {
    name: 'a prefix matches anywhere in the name',
    harm: 'a projection of stock- gets the events of old-stock- too',
    file: 'calls/filters.ts',
    find: 'text.length >= prefix.length && prefix.compare(text, 0, prefix.length) === 0',
    replace: 'text.includes(prefix)',
    caughtBy: filtered('a part from within a name'),
  },
  {
    name: 'prefixes match whatever the case',
    harm: 'a filter with a misspelt name works here and matches nothing on the real node',
    file: 'calls/filters.ts',
    find: 'prefix.compare(text, 0, prefix.length) === 0',
    replace: 'text.toString().toLowerCase().startsWith(prefix.toString().toLowerCase())',
    caughtBy: filtered('a prefix in another case'),
  },
  {
    name: 'patterns match whatever the case',
    harm: 'a filter with a misspelt pattern works here and matches nothing on the real node',
    file: 'limits/pattern.ts',
    find: 'new RegExp(source, LINEAR)',
    replace: "new RegExp(source, 'i')",
    caughtBy: filtered('a regex in another case'),
  },
  {
    name: 'a pattern must match the whole name',
    harm: 'a filter that works on the real node matches nothing here',
    file: 'limits/pattern.ts',
    find: 'new RegExp(source, LINEAR)',
    replace: 'new RegExp(`^(?:${source})$`, LINEAR)',
    caughtBy: filtered('a regex from within types'),
  },
  {
    name: 'a checkpoint interval of 0 is taken',
    harm: 'the real node refuses the call, after the swap only',
    file: 'calls/filters.ts',
    find: "if (interval <= 0) throw unknown('a filter needs a window and a checkpoint interval above 0');",
    replace: '',
    caughtBy: contract('log-reading')(
      'given a filter, when the log is read with an interval of 0, then it fails',
    ),
  },
];
