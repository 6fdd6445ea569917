import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { openPostgres, reportRebuilds, requestRebuild } from '../../libs/postgres';
import { createLogger } from '../../libs/runtime';
import { Api } from '../support/http';
import { violationsOf } from '../support/idempotency-checker';
import {
  codeOf,
  detailOf,
  post,
  Sends,
  wholeLog,
  type Asked,
  type Sent,
} from '../support/idempotency-sends';
import { System } from '../support/system';
import { ApiProcess } from '../support/api-process';

const SENDERS = 32;
const ROUNDS = 13;
/** More than a stream remembers by itself. */
const OTHER_COMMANDS = 10_000;

let system: System;
let second: ApiProcess;
const sends = new Sends();

const receive = (key: string, sku: string, quantity: number, more: object = {}): Asked =>
  post(key, 'inventory/receive', { sku, quantity, ...more });
const issue = (key: string, sku: string, quantity: number): Asked =>
  post(key, 'inventory/issue', { sku, quantity });

async function succeed(asked: Asked, url = system.url): Promise<Sent> {
  const sent = await sends.send(url, asked);
  expect([codeOf(sent), sent.told!.status < 300]).toEqual([undefined, true]);
  return sent;
}

const register = (sku: string, more: object = {}): Promise<Sent> =>
  succeed(post(randomUUID(), 'items', { sku, name: sku, ...more }));

/** An api process that has nothing in memory, for as long as it is used. */
async function withFreshApi(
  use: (url: string) => Promise<void>,
  settings: Readonly<Record<string, string>> = {},
): Promise<void> {
  const fresh = await ApiProcess.start(system, settings);
  try {
    await use(fresh.url);
  } finally {
    await fresh.stop();
  }
}

/** The same command is answered as it was the first time, also by a process that has never heard of it. */
async function expectReplayed(url: string, original: Sent): Promise<void> {
  const again = await sends.send(url, original);
  expect(again.told).toEqual({ ...original.told, replayed: true });
}

async function expectReused(url: string, asked: Asked, differs: RegExp): Promise<void> {
  const sent = await sends.send(url, asked);
  expect([sent.told?.status, codeOf(sent)]).toEqual([422, 'IDEMPOTENCY_KEY_REUSED']);
  expect(detailOf(sent)).toMatch(differs);
}

/** A process hears of what others decided on other streams a moment after the tables do. */
async function heardOf(url: string, asked: Asked): Promise<void> {
  for (let code: string | undefined; code !== 'IDEMPOTENCY_KEY_REUSED';) {
    const sent = await sends.dryRun(url, asked);
    if (!sent.told) throw new Error(`${url} does not answer`);
    code = codeOf(sent);
  }
}

beforeAll(async () => {
  system = await System.start();
  second = await ApiProcess.start(system);
});

afterAll(async () => {
  const events = await wholeLog(system.eventstoreUrl);
  const violations = violationsOf(sends.all, events);
  await Promise.all([sends.close(), second.stop()]);
  await system.stop();
  expect(violations).toEqual([]);
}, 240_000);

describe(`given ${SENDERS} senders of one key over two api processes`, () => {
  const sku = 'CROWD';
  beforeAll(async () => {
    await register(sku);
    await register('CROWD-LOTS', { tracking: 'lot', allocationPolicy: 'FIFO' });
    await succeed(receive(randomUUID(), sku, 1_000));
    for (let n = 0; n < ROUNDS * 3; n += 1) {
      await succeed(receive(randomUUID(), 'CROWD-LOTS', 2, { lotCode: `L-${n}` }));
    }
  });

  const kinds: readonly [string, (n: number) => Omit<Asked, 'key'>][] = [
    ['receive', () => receive('', sku, 3)],
    ['issue over three lots', () => issue('', 'CROWD-LOTS', 6)],
    ['adjust', () => post('', 'inventory/adjust', { sku, quantity: -1, reason: 'count' })],
    ['stock-movements', () => post('', 'stock-movements', { type: 'SALE', sku, quantity: 2 })],
    ['register an item', (n) => post('', 'items', { sku: `NEW-${n}`, name: `New ${n}` })],
    [
      'update an item',
      (n) => post('', `items/${sku}`, { name: `Name ${n}`, category: `${n}` }, { method: 'PATCH' }),
    ],
    [
      'deactivate and reactivate',
      (n) => post('', `items/NEW-0/${n % 2 === 0 ? 'deactivate' : 'reactivate'}`, {}),
    ],
    ['register a location', (n) => post('', 'locations', { code: `PLACE-${n}`, name: 'Place' })],
  ];

  test.each(kinds)(
    `when they %s, ${ROUNDS} times, then each time one effect and one answer`,
    async (kind, wish) => {
      for (let n = 0; n < ROUNDS; n += 1) {
        const asked = { ...wish(n), key: `${kind} ${n}` };
        const crowd = await Promise.all(
          Array.from({ length: SENDERS }, (_, sender) =>
            sends.send(sender % 2 === 0 ? system.url : second.url, asked),
          ),
        );
        const answers = new Set(crowd.map(({ told }) => `${told!.status} ${told!.text}`));
        expect([...answers]).toHaveLength(1);
        expect(crowd.filter(({ told }) => !told!.replayed)).toHaveLength(1);
        expect(crowd[0]!.told!.status).toBeLessThan(300);
      }
      const [last] = sends.all.slice(-1);
      if (kind.includes('lots')) {
        const { movements } = JSON.parse(last!.told!.text) as { movements: unknown[] };
        expect(movements).toHaveLength(3);
      }
    },
    240_000,
  );
});

describe('given a key that was used', () => {
  const key = 'used';
  let original: Sent;
  beforeAll(async () => {
    for (const sku of ['USED', 'UNUSED']) await register(sku);
    await succeed(post(randomUUID(), 'locations', { code: 'ANNEX', name: 'Annex' }));
    original = await succeed(receive(key, 'USED', 5, { reason: 'first' }));
  });

  const reason = 'first';
  test.each<[string, Asked, RegExp]>([
    ['another quantity', receive(key, 'USED', 6, { reason }), /ReceiveStock with other quantity;/],
    ['another reason', receive(key, 'USED', 5), /ReceiveStock with other reason;/],
    [
      'one field more',
      receive(key, 'USED', 5, { reason, reference: 'PO-1' }),
      /ReceiveStock with other reference;/,
    ],
    ['another item', receive(key, 'UNUSED', 5, { reason }), /ReceiveStock with other sku;/],
    [
      'another location',
      receive(key, 'USED', 5, { reason, location: 'ANNEX' }),
      /ReceiveStock with other location;/,
    ],
    ['another command', issue(key, 'USED', 5), /for ReceiveStock, this is IssueStock;/],
    [
      'a command on an item',
      post(key, 'items/USED/deactivate', {}),
      /for ReceiveStock, this is DeactivateItem;/,
    ],
    [
      'a location',
      post(key, 'locations', { code: 'ELSEWHERE', name: 'Elsewhere' }),
      /for ReceiveStock, this is RegisterLocation;/,
    ],
  ])('when it comes with %s, then both processes refuse and name it', async (_, asked, differs) => {
    await expectReused(system.url, asked, differs);
    await heardOf(second.url, asked);
    await expectReused(second.url, asked, differs);
    await expectReplayed(second.url, original);
  });

  test('when it comes with the same command in other words, then it is a retry', async () => {
    const key = 'in other words';
    const first = await succeed(
      post(key, 'inventory/issue', { sku: 'USED', quantity: 1, purpose: 'SALE' }),
    );
    const again = await new Api(second.url).post(
      '/api/v1/stock-movements',
      { type: 'sale', quantity: '1.00', sku: ' USED ' },
      { 'idempotency-key': key },
    );
    expect(again.body).toEqual(JSON.parse(first.told!.text));
    expect(again.headers.get('idempotent-replayed')).toBe('true');
  });

  test('when somebody else uses the same key, then it is a key of theirs', async () => {
    const [ann, bob] = await Promise.all(
      ['ann', 'bob'].map((actor) => succeed({ ...receive(key, 'USED', 7), actor })),
    );
    expect(ann!.told!.text).not.toBe(bob!.told!.text);
    expect([ann!.told!.replayed, bob!.told!.replayed]).toEqual([false, false]);
    await expectReplayed(second.url, ann!);
    await expectReplayed(second.url, bob!);
    await expectReplayed(second.url, original);
  });
});

describe('given a key whose command was not accepted', () => {
  beforeAll(() => register('LATER'));

  test('when the stock has come meanwhile, then the retry is accepted', async () => {
    const asked = issue('later', 'LATER', 3);
    expect(codeOf(await sends.send(system.url, asked))).toBe('INSUFFICIENT_STOCK');
    expect(codeOf(await sends.send(second.url, asked))).toBe('INSUFFICIENT_STOCK');
    await succeed(receive(randomUUID(), 'LATER', 3));
    const original = await succeed(asked, second.url);
    expect(original.told!.replayed).toBe(false);
    await expectReplayed(system.url, original);
  });

  test.each<[string, Asked, string]>([
    ['a wrong body', receive('burned', 'LATER', 0.5), 'QUANTITY_TOO_PRECISE'],
    ['an unknown field', receive('burned', 'LATER', 1, { colour: 'red' }), 'VALIDATION_FAILED'],
    ['an unknown item', receive('burned', 'NOBODY', 1), 'ITEM_NOT_FOUND'],
    ['too much', issue('burned', 'LATER', 1_000), 'INSUFFICIENT_STOCK'],
  ])('when it came with %s, then it is free for another body', async (what, asked, code) => {
    const key = `burned by ${what}`;
    expect(codeOf(await sends.send(system.url, { ...asked, key }))).toBe(code);
    await succeed(receive(key, 'LATER', 2), second.url);
  });

  test('when it was a dry run, then it is free, and afterwards a dry run tells what was done', async () => {
    expect((await sends.dryRun(system.url, receive('dry', 'LATER', 9))).told!.status).toBe(200);
    const original = await succeed(receive('dry', 'LATER', 2), system.url);
    const told = await sends.dryRun(second.url, receive('dry', 'LATER', 2));
    const { events } = JSON.parse(told.told!.text) as { events: object[] };
    expect(events).toHaveLength(1);
    await expectReplayed(system.url, original);
  });
});

describe(`given a key that lies ${OTHER_COMMANDS} commands back`, () => {
  const sku = 'LONG-AGO';
  let original: Sent;
  const sameStream = receive('long ago', sku, 6);
  const otherStream = receive('long ago', 'TODAY', 5);

  beforeAll(async () => {
    for (const name of [sku, 'TODAY']) await register(name);
    original = await succeed(receive('long ago', sku, 5));
    let n = 0;
    const client = async (url: string): Promise<void> => {
      while (n < OTHER_COMMANDS) {
        n += 1;
        await succeed(receive(`in between ${n}`, sku, 1), url);
      }
    };
    // Two processes that fight for every append would make this longer than it need be.
    await Promise.all(Array.from({ length: 64 }, () => client(system.url)));
  }, 240_000);

  async function expectKnown(url: string): Promise<void> {
    await expectReplayed(url, original);
    await expectReused(url, sameStream, /ReceiveStock with other quantity;/);
  }
  async function expectKnownEverywhere(url: string): Promise<void> {
    await expectKnown(url);
    await heardOf(url, otherStream);
    await expectReused(url, otherStream, /ReceiveStock with other sku, quantity|with other sku;/);
  }

  test('when it is sent again to either process, then it is known', async () => {
    await expectKnownEverywhere(system.url);
    await expectKnownEverywhere(second.url);
  });

  test(
    'when a process has just started, then it is known',
    () => withFreshApi(expectKnownEverywhere),
    240_000,
  );

  test(
    'when PostgreSQL is away, then it is found in the stream',
    () => withFreshApi(expectKnown, { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nothing' }),
    240_000,
  );

  test('when the tables are being rebuilt, then it is known all the time', async () => {
    const postgres = await openPostgres({
      url: system.databaseUrl,
      logger: createLogger('test', 'silent'),
    });
    const id = await requestRebuild(postgres, {
      names: undefined,
      kind: 'REBUILD',
      actor: 'test',
      storeId: undefined,
    });
    await expectKnownEverywhere(system.url);
    await withFreshApi(expectKnown);
    while ((await reportRebuilds(postgres, id))[0]?.state !== 'DONE') await wait(20);
    await postgres.query('CREATE DATABASE still_empty');
    await postgres.close();
    await withFreshApi(expectKnownEverywhere);
  }, 240_000);

  test('when the tables are not made yet, then it is found in the stream', () => {
    const url = new URL(system.databaseUrl);
    url.pathname = '/still_empty';
    return withFreshApi(expectKnown, { DATABASE_URL: url.href });
  }, 240_000);

  test('when everything was killed and started again, then it is known', async () => {
    await second.kill();
    await system.killAll();
    system = await System.start(system.folder);
    second = await ApiProcess.start(system);
    await expectKnownEverywhere(system.url);
    await expectKnownEverywhere(second.url);
  }, 240_000);
});
