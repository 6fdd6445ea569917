import { contract } from './check';
import type { Defect } from './defect';

const check = contract('checkpoints');
const stored = (what: string) =>
  check(`given stored events of which a filter matches some, when the log is followed ${what}`);
const together = check(
  'given a subscription that has caught up over what was stored, when events come that were appended together, then checkpoints lie between them all the same',
);

/** Checkpoints of filtered subscriptions: a projection that goes on from one must lose and repeat nothing. */
export const checkpoints: readonly Defect[] = [
  {
    name: 'a checkpoint runs ahead of the stored event that it is at',
    harm: 'a projection that stores it before a crash loses the event',
    file: 'calls/subscriptions.ts',
    find: `      const wait = isMatch ? outlet.send(deliver(position, row)) : undefined;
      if (wait) await wait;
      const mark = counter?.stored(position, isEvent, isMatch);
      if (mark) await outlet.send(mark);`,
    replace: `      const mark = counter?.stored(position, isEvent, isMatch);
      if (mark) await outlet.send(mark);
      const wait = isMatch ? outlet.send(deliver(position, row)) : undefined;
      if (wait) await wait;`,
    caughtBy: stored('mmmm mmmm in pages of 4, 1 for a checkpoint, then 0 1 2 3 =3 4 5 6 7 =7'),
  },
  {
    name: 'a checkpoint runs ahead of the live event that it is at',
    harm: 'a projection that stores it before a crash loses the event',
    file: 'calls/subscriptions.ts',
    find: `        if (!filter || filter.matches(row)) messages.push(deliver(position, row));
        const mark = counter?.live(position);
        if (mark) messages.push(mark);`,
    replace: `        const mark = counter?.live(position);
        if (mark) messages.push(mark);
        if (!filter || filter.matches(row)) messages.push(deliver(position, row));`,
    caughtBy: together,
  },
  {
    name: 'a checkpoint lies at the end of its page, not at the last match',
    harm: 'code that takes it for the position of an event breaks on the real node',
    file: 'calls/subscriptions.ts',
    find: 'checkpoint(matched, matched)',
    replace: 'checkpoint(position, position)',
    caughtBy: stored('oomo oooo mmoo in pages of 4, 1 for a checkpoint, then 2 =2 <4 8 9 =9'),
  },
  {
    name: 'a checkpoint of a page without a match has no lower prepare position',
    harm: 'code that stores one half of a checkpoint works here and loses events on the real node',
    file: 'calls/subscriptions.ts',
    find: 'checkpoint(pageStart, 0)',
    replace: 'checkpoint(pageStart, pageStart)',
    caughtBy: stored('oomo oooo mmoo in pages of 4, 1 for a checkpoint, then 2 =2 <4 8 9 =9'),
  },
  {
    name: 'every page of stored events brings a checkpoint, whatever the interval',
    harm: 'a projection stores its position far more often than it asked for',
    file: 'calls/subscriptions.ts',
    find: `      if (considered < interval) return undefined;
      considered = 0;
      return mark;`,
    replace: '      return mark;',
    caughtBy: stored('mmmm oooo in pages of 4, 2 for a checkpoint, then 0 1 2 3 <4'),
  },
  {
    name: 'records that are no events count towards a checkpoint',
    harm: 'checkpoints come at other places than on the real node',
    file: 'calls/subscriptions.ts',
    find: 'if (!isEvent) return undefined;',
    replace: '',
    caughtBy: stored('m--m --oo mooo in pages of 4, 1 for a checkpoint, then 0 1 =1 4 =4'),
  },
  {
    name: 'only live events that match count towards a checkpoint',
    harm: 'a projection that few events match never moves its position',
    file: 'calls/subscriptions.ts',
    find: 'const mark = counter?.live(position);',
    replace: 'const mark = filter?.matches(row) ? counter?.live(position) : undefined;',
    caughtBy: check(
      'given checkpoints of a subscription over stored and live events, when it is resumed from any of them, then exactly the matches come that had not come before it',
    ),
  },
  {
    name: 'a filter without a window has one of 64',
    harm: 'checkpoints come half as often as on the real node',
    file: 'calls/filters.ts',
    find: 'DEFAULT_WINDOW = 32',
    replace: 'DEFAULT_WINDOW = 64',
    caughtBy: check('given no window, when the log is followed, then a page has 32 events'),
  },
  {
    name: 'a subscription without a filter brings checkpoints',
    harm: 'the client calls a function that nobody gave it',
    file: 'calls/subscriptions.ts',
    find: 'const counter = filter && countCheckpoints(filter);',
    replace: 'const counter = countCheckpoints(filter ?? { window: 32, interval: 32 });',
    caughtBy: check(
      'given a subscription without a filter, when it catches up and goes on, then no checkpoint comes',
    ),
  },
];
