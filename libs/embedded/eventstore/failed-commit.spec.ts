import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decideAppend } from './decisions';
import { openLiveFeed } from './live-feed';
import { openRetries } from './retries';
import { openStore, type Store } from './store';
import { openWriter } from './writer';

let folder: string;
let store: Store;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'failed-commit-'));
  store = openStore(join(folder, 'events.mdb'));
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

test('given a commit that fails, when events are appended, then no follower hears of them and no reader sees them', async () => {
  const failing: Store = {
    ...store,
    commit: () => {
      throw new Error('EIO: i/o error, fdatasync');
    },
  };
  const feed = openLiveFeed();
  const heard: string[] = [];
  feed.follow(undefined, (events) => heard.push(...events.map(({ stream }) => stream)));
  const writer = openWriter(failing, feed, () => undefined);
  const event = {
    id: '00000000-0000-4000-8000-000000000001',
    type: Buffer.from('StockReceived'),
    contentType: 'application/json',
    data: Buffer.from('{}'),
    metadata: Buffer.alloc(0),
  };
  const append = new Promise((done, failed) =>
    writer.submit({
      bytes: 1,
      deadlineMs: Infinity,
      decide: (group) => decideAppend(group, openRetries(), 'stock', { kind: 'any' }, [event]),
      done,
      failed,
    }),
  );
  await expect(append).rejects.toThrow('EIO');
  expect(heard).toEqual([]);
  expect(store.head('stock')).toBeUndefined();
});
