import { contract, unit } from './check';
import { HANGS, type Defect } from './defect';

const check = contract('subscribing');
const stored = (what: string, failure?: string) =>
  check(`given a stream with stored events, when it is subscribed to ${what}`, failure);
const resumed = check(
  'given a subscription to the log, when it is resumed from a position, then nothing is lost or repeated',
);
const filters = unit('filters');
const looked = (what: string) => filters(`given a filter, when a record is looked at ${what}`);

/** Subscriptions: each event once, in order, with checkpoints that lose nothing. */
export const subscribing: readonly Defect[] = [
  {
    name: 'a subscription to a stream repeats the event at its revision',
    harm: 'each restart handles an event twice',
    file: 'subscriptions.ts',
    find: "from === 'start' ? 0 : from + 1)",
    replace: "from === 'start' ? 0 : from)",
    caughtBy: stored('from a revision, then the event after it comes first'),
  },
  {
    name: 'a subscription to a stream from its end begins with what is stored',
    harm: 'a reader that wants only what is new handles all that is old',
    file: 'subscriptions.ts',
    find: 'if (fromEnd) followStream(node, read, outlet, 0);',
    replace: 'if (fromEnd) await catchUp(node, read, outlet, 0);',
    caughtBy: stored('from its end, then only what is appended later comes'),
  },
  {
    name: 'a subscription to the log repeats the event at its position',
    harm: 'each restart of a projection counts an event twice',
    file: 'subscriptions.ts',
    find: 'from.prepare < from.commit ? from.commit : from.commit + 1',
    replace: 'from.commit',
    caughtBy: resumed,
  },
  {
    name: 'a subscription to the log leaves out the event after its position',
    harm: 'each restart of a projection loses an event',
    file: 'subscriptions.ts',
    find: 'from.prepare < from.commit ? from.commit : from.commit + 1',
    replace: '(store.readLog(from.commit + 1, end, 1)[0]?.position ?? end) + 1',
    caughtBy: { ...resumed, failure: HANGS },
  },
  {
    name: 'what is appended while a subscription turns from stored to new events is lost',
    harm: 'an event in a thousand is never handled, and nobody is told',
    file: 'subscriptions.ts',
    find: 'return followStream(node, read, outlet, Math.max(next, head.last + 1));',
    replace:
      'await new Promise((go) => setTimeout(go, 5)); return followStream(node, read, outlet, Math.max(next, head.last + 1));',
    caughtBy: check(
      'given a stream that is written to all the time, when many subscribe meanwhile, then each gets every event once and in order',
      HANGS,
    ),
  },
  {
    name: 'a stream that does not exist yet is never looked for again',
    harm: 'a subscriber that is there before the first event waits for ever',
    file: 'subscriptions.ts',
    find: 'await somethingHappens(node, stream, outlet);\n      continue;',
    replace: 'return somethingHappens(node, `${stream}-other`, outlet);',
    caughtBy: check(
      'given no stream, when it is subscribed to and then made, then its events come',
      HANGS,
    ),
  },
  {
    name: 'a live reader that does not keep up loses events',
    harm: 'a slow projection has gaps, and nobody is told',
    file: 'outlet.ts',
    find: "return outlet.fail(new CallError(status.ABORTED, 'the reader is too slow'));",
    replace: 'return;',
    caughtBy: check(
      'given a live reader that does not read, when much is appended, then it is cut off with all before in order',
      HANGS,
    ),
  },
  {
    name: 'a live reader that does not keep up is never cut off',
    harm: 'one reader that hangs takes all the memory of the node',
    file: 'outlet.ts',
    find: 'if (backlog.length > LIVE_BACKLOG) {',
    replace: 'if (backlog.length > 1e9) {',
    caughtBy: check(
      'given a live reader that does not read, when much is appended, then it is cut off with all before in order',
      HANGS,
    ),
  },
  {
    name: 'a reader that catches up slowly is cut off',
    harm: 'a projection that is rebuilt never comes to the end of the log',
    file: 'subscriptions.ts',
    find: `for (const { position, row } of rows) {
      const wait = outlet.send(deliver(position, row));
      if (wait) await wait;
      if (outlet.closed()) return;
    }
    next = begin`,
    replace: `for (const { position, row } of rows) outlet.sendLive([deliver(position, row)]);
    next = begin`,
    caughtBy: check(
      'given a reader that catches up slowly, when it stops for a while, then it is not cut off',
      'the reader is too slow',
    ),
  },
  {
    name: 'a subscription does not end when its stream is tombstoned',
    harm: 'a reader waits for ever for a stream that has ended',
    file: 'subscriptions.ts',
    find: 'outlet.failAfterBacklog(streamDeleted(read.stream));',
    replace: '',
    caughtBy: check(
      'given a subscriber, when its stream is tombstoned, then it is told and its subscription ends',
      HANGS,
    ),
  },
  {
    name: 'a filter on streams looks at types',
    harm: 'a projection gets events that are none of its business and misses its own',
    file: 'filters.ts',
    find: 'byType ? typeBytesOf : streamBytesOf',
    replace: 'byType ? streamBytesOf : typeBytesOf',
    caughtBy: looked('stream {"prefixes":["stock-","lot-"]}, then it matches: true'),
  },
  {
    name: 'an empty list of prefixes matches everything',
    harm: 'the real node sends nothing; a projection that works here stays empty there',
    file: 'filters.ts',
    find: 'wanted.some(\n',
    replace: 'wanted.length === 0 || wanted.some(\n',
    caughtBy: looked('stream {"prefixes":[]}, then it matches: false'),
  },
  {
    name: 'a prefix matches anywhere in the name',
    harm: 'a projection of stock- gets the events of old-stock- too',
    file: 'filters.ts',
    find: 'text.length >= prefix.length && prefix.compare(text, 0, prefix.length) === 0',
    replace: 'text.includes(prefix)',
    caughtBy: looked('type {"prefixes":["ceived"]}, then it matches: false'),
  },
  {
    name: 'prefixes match whatever the case',
    harm: 'a filter with a misspelt name works here and matches nothing on the real node',
    file: 'filters.ts',
    find: 'prefix.compare(text, 0, prefix.length) === 0',
    replace: 'text.toString().toLowerCase().startsWith(prefix.toString().toLowerCase())',
    caughtBy: looked('stream {"prefixes":["Stock-"]}, then it matches: false'),
  },
  {
    name: 'patterns match whatever the case',
    harm: 'a filter with a misspelt pattern works here and matches nothing on the real node',
    file: 'filters.ts',
    find: 'new RegExp(source)',
    replace: "new RegExp(source, 'i')",
    caughtBy: looked('stream {"regex":"^STOCK"}, then it matches: false'),
  },
  {
    name: 'a checkpoint interval of 0 is taken',
    harm: 'the real node refuses the call, after the swap only',
    file: 'filters.ts',
    find: "if (interval <= 0) throw unknown('a filter needs a window and a checkpoint interval above 0');",
    replace: '',
    caughtBy: looked('with an interval of 0, then the call is refused'),
  },
];
