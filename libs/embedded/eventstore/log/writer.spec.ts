import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCondition } from './condition';
import { DamageError } from './damage';
import type { Group } from './group';
import { openLiveFeed } from './live-feed';
import type { Outcome } from '../writing/outcomes';
import { eventRow } from './record';
import type { Commit, Store } from './store';
import { openWriter, type Writer } from './writer';

const NOTHING = Buffer.alloc(0);

/** A store that counts commits, or fails them; `leaves` is found in the file when it is opened anew. */
function scriptedStore(fails: () => boolean, leaves = 0) {
  const commits: Commit[] = [];
  const calls: string[] = [];
  let tail = { position: 100, link: 0, nextStream: 1, createdMs: 0 };
  const row = eventRow(
    {
      ...content,
      stream: Buffer.from('stock-9'),
      streamNumber: 1,
      revision: 0,
      position: 100,
      createdMs: 1,
    },
    0,
  );
  const store: Store = {
    tail: () => tail,
    commit(commit) {
      if (fails()) throw new Error('EIO: i/o error, fdatasync');
      commits.push(commit);
    },
    heads: () => [],
    size: () => ({ events: 0, streams: 0, bytes: 0 }),
    head: () => undefined,
    row: () => undefined,
    event: () => undefined,
    readLog: (from) => (from === 100 && tail.position > 100 ? [{ position: 100, row }] : []),
    readStream: () => [],
    reopen() {
      calls.push('reopen');
      tail = { ...tail, position: 100 + leaves };
    },
    settle() {
      calls.push('settle');
      if (fails()) throw new Error('EIO: i/o error, fdatasync');
    },
    close: () => Promise.resolve(),
  };
  return { ...store, commits, calls };
}

const content = {
  id: '00000000-0000-4000-8000-000000000000',
  type: Buffer.from('StockReceived'),
  isJson: true,
  data: NOTHING,
  metadata: NOTHING,
};

function writerOn(store: Store, feed = openLiveFeed()) {
  const condition = openCondition();
  const failures: string[] = [];
  const writer = openWriter({
    store,
    file: join(tmpdir(), 'events.mdb'),
    feed,
    condition,
    onFailed: (error) => failures.push(error.message),
    onLost: (error) => failures.push(`lost: ${error.message}`),
  });
  return { writer, condition, failures };
}

/** Turns the clock until the writer has tried to recover. */
const oneAttempt = (): void => void jest.advanceTimersByTime(250);

beforeEach(() => jest.useFakeTimers({ doNotFake: ['setImmediate', 'performance'] }));
afterEach(() => jest.useRealTimers());

const addOne = (group: Group): Outcome => {
  const position = group.add('stock-1', group.createHead(), 0, content);
  return { kind: 'success', revision: 0, position };
};

const submit = (writer: Writer, deadlineMs = Infinity): Promise<Outcome> =>
  new Promise((done, failed) =>
    writer.submit({ bytes: 1, deadlineMs, decide: addOne, done, failed }),
  );

test('given appends that arrive together, when they are written, then one transaction holds them all', async () => {
  const store = scriptedStore(() => false);
  const { writer } = writerOn(store);
  await Promise.all(Array.from({ length: 50 }, () => submit(writer)));
  expect(store.commits.map(({ rows }) => rows.length)).toEqual([50]);
});

test('given an append whose deadline has passed, when its turn comes, then it is not written', async () => {
  const store = scriptedStore(() => false);
  const { writer } = writerOn(store);
  expect(await submit(writer, Date.now() - 1)).toEqual({ kind: 'timeout' });
  expect(store.commits).toEqual([]);
});

test('given a sync that fails, when more is appended, then all of it is refused and nothing is written before the file is opened anew', async () => {
  let broken = true;
  const store = scriptedStore(() => broken);
  const { writer, condition, failures } = writerOn(store);
  const both = await Promise.allSettled([submit(writer), submit(writer)]);
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(condition.now().kind).toBe('read-only');
  await expect(submit(writer)).rejects.toThrow('EIO');
  oneAttempt();
  await expect(submit(writer)).rejects.toThrow('EIO');
  broken = false;
  await expect(submit(writer)).rejects.toThrow('EIO');
  expect(store.commits).toEqual([]);
  oneAttempt();
  expect(condition.now().kind).toBe('writing');
  await submit(writer);
  expect(store.commits).toHaveLength(1);
  expect(store.calls).toEqual(['reopen', 'settle', 'reopen', 'settle']);
  expect(failures).toEqual(['EIO: i/o error, fdatasync']);
});

test('given a failed write that is in the file all the same, when the file is opened anew, then followers hear of it', async () => {
  let broken = true;
  const feed = openLiveFeed();
  const heard: string[] = [];
  feed.follow(undefined, (events) => heard.push(...events.map(({ stream }) => stream)));
  const { writer } = writerOn(
    scriptedStore(() => broken, 500),
    feed,
  );
  await expect(submit(writer)).rejects.toThrow('EIO');
  broken = false;
  oneAttempt();
  expect(heard).toEqual(['stock-9']);
});

test('given a file that cannot be opened anew, when recovery is tried, then it is given up', async () => {
  const store = scriptedStore(() => true);
  const broken = {
    ...store,
    reopen: () => {
      throw new Error('no such file');
    },
  };
  const { writer, failures } = writerOn(broken);
  await expect(submit(writer)).rejects.toThrow('EIO');
  oneAttempt();
  oneAttempt();
  expect(failures.slice(1)).toEqual(['lost: no such file']);
});

test('given damage that an append meets, when more is appended, then it is refused for good', async () => {
  const store = scriptedStore(() => false);
  const { writer, condition } = writerOn(store);
  const meeting = new Promise((done, failed) =>
    writer.submit({
      bytes: 1,
      deadlineMs: Infinity,
      decide: () => {
        throw new DamageError('events.mdb', 'position 7', 'its checksum does not match');
      },
      done,
      failed,
    }),
  );
  await expect(meeting).rejects.toThrow('position 7');
  oneAttempt();
  condition.become({ kind: 'writing' });
  await expect(submit(writer)).rejects.toThrow('position 7');
  expect([store.commits, store.calls]).toEqual([[], []]);
});

test('given followers, when a group is committed, then they hear of it, and of nothing more once they have left', async () => {
  const feed = openLiveFeed();
  const heard: string[] = [];
  feed.follow(undefined, (events) => heard.push(...events.map(({ stream }) => `log ${stream}`)));
  const stop = feed.follow('stock-1', () => heard.push('stream'));
  feed.follow('stock-2', () => heard.push('other stream'));
  const { writer } = writerOn(
    scriptedStore(() => false),
    feed,
  );
  await submit(writer);
  stop();
  await submit(writer);
  await writer.idle();
  expect(heard).toEqual(['log stock-1', 'stream', 'log stock-1']);
});
