import type { Group } from './group';
import { openLiveFeed } from './live-feed';
import type { Outcome } from './outcomes';
import type { Commit, Store } from './store';
import { openWriter, type Writer } from './writer';

const NOTHING = Buffer.alloc(0);
const unexpected = (error: Error): never => {
  throw error;
};

/** A store that counts commits, or fails them. */
function scriptedStore(fails: () => boolean): Store & { readonly commits: Commit[] } {
  const commits: Commit[] = [];
  return {
    commits,
    tail: () => ({ position: 100, crc: 0, nextStream: 1, createdMs: 0 }),
    commit(commit) {
      if (fails()) throw new Error('EIO: i/o error, fdatasync');
      commits.push(commit);
    },
    head: () => undefined,
    row: () => undefined,
    positionOf: () => undefined,
    readLog: () => [],
    readStream: () => [],
    close: () => Promise.resolve(),
  };
}

const addOne = (group: Group): Outcome => {
  const position = group.add('stock-1', group.createHead(), 0, {
    id: '00000000-0000-4000-8000-000000000000',
    type: Buffer.from('StockReceived'),
    isJson: true,
    data: NOTHING,
    metadata: NOTHING,
  });
  return { kind: 'success', revision: 0, position };
};

const submit = (writer: Writer, deadlineMs = Infinity): Promise<Outcome> =>
  new Promise((done, failed) =>
    writer.submit({ bytes: 1, deadlineMs, decide: addOne, done, failed }),
  );

test('given appends that arrive together, when they are written, then one transaction holds them all', async () => {
  const store = scriptedStore(() => false);
  const writer = openWriter(store, openLiveFeed(), unexpected);
  await Promise.all(Array.from({ length: 50 }, () => submit(writer)));
  expect(store.commits.map(({ rows }) => rows.length)).toEqual([50]);
});

test('given an append whose deadline has passed, when its turn comes, then it is not written', async () => {
  const store = scriptedStore(() => false);
  const writer = openWriter(store, openLiveFeed(), unexpected);
  expect(await submit(writer, Date.now() - 1)).toEqual({ kind: 'timeout' });
  expect(store.commits).toEqual([]);
});

test('given a sync that fails, when more is appended, then all of it is refused and nothing is written any more', async () => {
  let broken = true;
  const store = scriptedStore(() => broken);
  const poisons: Error[] = [];
  const writer = openWriter(store, openLiveFeed(), (error) => poisons.push(error));
  await expect(submit(writer)).rejects.toThrow('EIO');
  broken = false;
  await expect(submit(writer)).rejects.toThrow('EIO');
  expect(store.commits).toEqual([]);
  expect(poisons).toHaveLength(1);
});

test('given followers, when a group is committed, then they hear of it, and of nothing more once they have left', async () => {
  const feed = openLiveFeed();
  const heard: string[] = [];
  feed.follow(undefined, (events) => heard.push(...events.map(({ stream }) => `log ${stream}`)));
  const stop = feed.follow('stock-1', () => heard.push('stream'));
  feed.follow('stock-2', () => heard.push('other stream'));
  const writer = openWriter(
    scriptedStore(() => false),
    feed,
    unexpected,
  );
  await submit(writer);
  stop();
  await submit(writer);
  await writer.idle();
  expect(heard).toEqual(['log stock-1', 'stream', 'log stock-1']);
});
