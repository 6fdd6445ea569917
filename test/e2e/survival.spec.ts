import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { Api, type Answer } from '../support/http';
import { System } from '../support/system';

const SKUS = ['SURVIVE-1', 'SURVIVE-2', 'SURVIVE-3'];

/** Sends until a definite answer comes, always with the same key, as a careful client does. */
async function insist(api: Api, path: string, body: object, key: string): Promise<Answer> {
  const until = Date.now() + 60_000;
  for (;;) {
    try {
      const answer = await api.post(path, body, { 'idempotency-key': key });
      if (answer.status < 500) return answer;
    } catch (error) {
      if (Date.now() > until) throw error;
    }
    if (Date.now() > until) throw new Error(`no definite answer for ${key}`);
    await wait(25);
  }
}

/** What the clients were told. */
class Book {
  readonly onHand = new Map(SKUS.map((sku) => [sku, 0]));
  readonly accepted = new Map(SKUS.map((sku) => [sku, 0]));
  position: string | undefined;

  note(sku: string, change: number, { body }: Answer): void {
    this.onHand.set(sku, this.onHand.get(sku)! + change);
    this.accepted.set(sku, this.accepted.get(sku)! + 1);
    this.position = body.position;
  }
}

async function client(api: Api, book: Book, lane: number, going: () => boolean): Promise<void> {
  for (let n = 0; going(); n += 1) {
    const sku = SKUS[(lane + n) % SKUS.length]!;
    const sells = n % 3 === 2;
    const quantity = 1 + (n % 4);
    const path = `/api/v1/inventory/${sells ? 'issue' : 'receive'}`;
    const answer = await insist(api, path, { sku, quantity }, randomUUID());
    if (answer.status === 201) book.note(sku, sells ? -quantity : quantity, answer);
    else expect(answer.body.code).toBe('INSUFFICIENT_STOCK');
  }
}

async function compare(api: Api, book: Book): Promise<void> {
  // The last command of all has a position behind every other.
  const last = await insist(
    api,
    '/api/v1/inventory/receive',
    { sku: SKUS[0], quantity: 1 },
    randomUUID(),
  );
  book.note(SKUS[0]!, 1, last);
  for (const sku of SKUS) {
    const { body } = await api.after(last.body.position, `/api/v1/inventory/summary/${sku}`);
    expect([sku, body.onHand]).toEqual([sku, book.onHand.get(sku)]);
    let rows = 0;
    let cursor: string | null | undefined = '';
    while (cursor !== null && cursor !== undefined) {
      const more: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const page: Answer = await api.get(`/api/v1/ledger/item/${sku}?limit=500${more}`);
      rows += page.body.items!.length;
      cursor = page.body.nextCursor;
    }
    expect([sku, rows]).toEqual([sku, book.accepted.get(sku)]);
  }
}

describe('killed with kill -9 under load', () => {
  let system: System;
  afterEach(() => system.stop());

  it('loses nothing that was acknowledged and does nothing twice', async () => {
    system = await System.start();
    let api = new Api(system.url);
    for (const sku of SKUS) await api.post('/api/v1/items', { sku, name: sku });
    const book = new Book();

    let going = true;
    const clients = Array.from({ length: 12 }, (_, lane) => client(api, book, lane, () => going));
    for (const part of [
      'api',
      'eventstore',
      'projector',
      'postgresql',
      'eventstore',
      'api',
    ] as const) {
      const before = book.position;
      await system.kill(part);
      await system.ready();
      // Only once work goes on is the next one killed.
      while (book.position === before) await wait(10);
    }
    going = false;
    await Promise.all(clients);
    await compare(api, book);

    await system.killAll();
    system = await System.start(system.folder);
    api = new Api(system.url);
    await compare(api, book);
  }, 180_000);
});
