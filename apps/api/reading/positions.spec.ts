import { positionToken } from '../../../libs/eventstore';
import { Load } from '../http/load';
import { PositionWaiter } from './positions';

const storeId = '9f1c2a7b-0000-4000-8000-000000000000';
const limits = { maxConnections: 1, maxInFlight: 6, requestTimeoutMs: 1, idleTimeoutMs: 1 };
const never = positionToken(storeId, 9n);
let load: Load;
let waiter: PositionWaiter;
let reads: number;

beforeEach(() => {
  load = new Load(limits);
  reads = 0;
  const readModels = {
    readCheckpoints: () => {
      reads += 1;
      return Promise.resolve([]);
    },
  };
  const store = { storeId, head: () => Promise.resolve(0n) };
  waiter = new PositionWaiter({ readModels, store } as never, load);
});

const codeOf = (wait: Promise<unknown>): Promise<string> =>
  wait.then(
    () => 'reached',
    ({ code }: { code: string }) => code,
  );

it('half of the room is for those who need not wait', async () => {
  const clients = Array.from({ length: 3 }, () => new AbortController());
  const waits = clients.map(({ signal }) => codeOf(waiter.reached(never, ['a'], 60_000, signal)));
  expect(load.waiting).toBe(3);
  expect(await codeOf(waiter.reached(never, ['a'], 60_000))).toBe('OVERLOADED');
  for (const client of clients) client.abort();
  await Promise.all(waits);
  expect(await codeOf(waiter.reached(never, ['a'], 0))).toBe('PROJECTION_BEHIND');
});

it('nothing is left of a client that has gone', async () => {
  const client = new AbortController();
  const wait = codeOf(waiter.reached(never, ['a'], 60_000, client.signal));
  client.abort();
  await wait;
  expect(load.waiting).toBe(0);
  const seen = reads;
  await new Promise((next) => setImmediate(next));
  expect(reads).toBe(seen);
});

it('one that leaves takes no other along', async () => {
  const client = new AbortController();
  const stays = codeOf(waiter.reached(never, ['a'], 200));
  const leaves = codeOf(waiter.reached(never, ['a'], 60_000, client.signal));
  client.abort();
  await leaves;
  expect(load.waiting).toBe(1);
  expect(await stays).toBe('PROJECTION_BEHIND');
});
