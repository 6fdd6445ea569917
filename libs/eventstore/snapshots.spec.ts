import {
  codeOf,
  contextOf,
  idOf,
  issue,
  processOn,
  receive,
  send,
  SKU,
  stream,
} from '../../test/support/commands';
import { stockReceived } from '../../test/support/stock-events';
import { ScriptedLog } from '../../test/support/scripted-log';
import { SnapshotShelf } from '../../test/support/snapshot-store';
import { type EventMetadata, item, stock, stockStream } from '../domain';
import { encode } from './codec';
import type { Executor, ExecutorOptions } from './execute';
import { REMEMBERED_COMMANDS } from './remembered-commands';
import { formOf } from './snapshot-form';
import type { StoredSnapshot } from './snapshot-store';
import { EVENTS_BETWEEN } from './snapshots';

const FORM = formOf(stock as never);
const AT = '2026-01-01T00:00:00.000Z';

/** Of a command to receive one, as it is recorded. */
function metadataOf(key: string): Omit<EventMetadata, 'recordedAt' | 'schema'> {
  const { mayBeRetry: _, deadline: __, ...metadata } = contextOf(key, receive(1));
  return metadata;
}

/** The longest log that any of the tests has needed so far: each has a beginning of it. */
const longest = new ScriptedLog();

/** A log in which `count` units were received one by one, under the keys 0, 1, 2 ... */
async function longLog(count: number): Promise<ScriptedLog> {
  const have = longest.streams.get(stream)?.length ?? 0;
  const { type, data } = stockReceived({ sku: SKU, location: 'MAIN', quantity: 1 });
  const missing = Array.from({ length: Math.max(0, count - have) }, (_, index) => {
    const n = have + index;
    return encode({
      id: idOf(`event ${n}`),
      type,
      data,
      metadata: { ...metadataOf(String(n)), recordedAt: AT, schema: 1, command: receive(1) },
    });
  });
  if (missing.length > 0) await longest.append(stream, missing, have - 1);
  return longest.beginning(stream, count);
}

function damage(shelf: SnapshotShelf, change: (body: Buffer) => Buffer): void {
  const [[key, kept]] = [...shelf.kept] as [[string, StoredSnapshot]];
  shelf.kept.set(key, { ...kept, body: change(kept.body) });
}

class Messages {
  readonly lines: { readonly reason?: string; readonly message: string }[] = [];
  readonly logger = {
    warn: (fields: object, message: string) => this.lines.push({ ...fields, message }),
    debug: () => undefined,
  } as unknown as ExecutorOptions['logger'];
}

interface Process extends Executor {
  readonly messages: Messages;
}

/** A process of its own, with nothing in its cache. */
function start(
  log: ScriptedLog,
  shelf?: SnapshotShelf,
  options: Partial<ExecutorOptions> = {},
): Process {
  const messages = new Messages();
  const executor = processOn(log, {
    logger: messages.logger,
    ...(shelf && { snapshots: shelf }),
    ...options,
  });
  return { ...executor, messages };
}

type Definition = typeof stock;

/** A long log with a snapshot of it, taken after the first command of a process. */
async function snapshotted(count = 600, definition: Definition = stock) {
  const log = await longLog(count);
  const shelf = new SnapshotShelf();
  const saved = shelf.saved();
  await send(start(log, shelf), 'first', receive(1), {}, stream, definition);
  await saved;
  log.eventsRead = 0;
  shelf.loads = 0;
  return { log, shelf };
}

/** A command to a fresh process, and how many events that read. */
async function cold(log: ScriptedLog, shelf: SnapshotShelf, definition: Definition = stock) {
  const process = start(log, shelf);
  const before = log.eventsRead;
  const outcome = await send(process, `cold ${Math.random()}`, receive(1), {}, stream, definition);
  expect(codeOf(outcome)).toBe('accepted');
  const { state } = await process.stateOf(definition, stream);
  return { read: log.eventsRead - before, onHand: state.onHand, lines: process.messages.lines };
}

/** The stream itself, read by a process without snapshots. */
const inTruth = async (log: ScriptedLog): Promise<number> =>
  (await start(log).stateOf(stock, stream)).state.onHand;

describe('a snapshot', () => {
  it('is made of a stream that is long, once', async () => {
    const { shelf } = await snapshotted();
    expect([...shelf.kept.keys()]).toEqual([`${stream} ${FORM}`]);
    expect(shelf.kept.get(`${stream} ${FORM}`)!.revision).toBe(600);
  });

  it('is not made of one that is short', async () => {
    const log = await longLog(EVENTS_BETWEEN - 2);
    const shelf = new SnapshotShelf();
    await send(start(log, shelf), 'a', receive(1));
    expect(shelf.kept.size).toBe(0);
  });

  it('spares a fresh process the stream', async () => {
    const { log, shelf } = await snapshotted();
    const { read, onHand } = await cold(log, shelf);
    expect(onHand).toBe(await inTruth(log));
    expect(read).toBeLessThan(40);
  });

  it('is not even asked for on a short stream', async () => {
    const log = await longLog(20);
    const shelf = new SnapshotShelf();
    await cold(log, shelf);
    expect(shelf.loads).toBe(0);
  });

  it('is followed by the next after so many events', async () => {
    const { log, shelf } = await snapshotted();
    const process = start(log, shelf);
    for (let n = 0; n < EVENTS_BETWEEN - 1; n += 1) await send(process, `next ${n}`, receive(1));
    expect(shelf.kept.get(`${stream} ${FORM}`)!.revision).toBe(600);
    const saved = shelf.saved();
    await send(process, 'the last of them', receive(1));
    await saved;
    expect(shelf.kept.get(`${stream} ${FORM}`)!.revision).toBe(600 + EVENTS_BETWEEN);
  });
});

describe('where snapshots are', () => {
  it('is learned at the start: nothing of the stream is read but what follows', async () => {
    const { log, shelf } = await snapshotted();
    const process = start(log, shelf);
    await shelf.listed;
    log.eventsRead = 0;
    expect(codeOf(await send(process, 'a', receive(1)))).toBe('accepted');
    expect(log.eventsRead).toBe(1);
  });

  it.each([
    ['it is newer', 601 - 40],
    ['it is newer by more than is read beside it', 100],
    ['it is older: others have forgotten it', 640],
  ])('may be wrong: %s', async (_, told) => {
    const { log, shelf } = await snapshotted();
    shelf.list = () => Promise.resolve([{ stream, form: FORM, revision: told }]);
    const process = start(log, shelf);
    await Promise.resolve();
    const { state, revision } = await process.stateOf(stock, stream);
    expect([state.onHand, revision]).toEqual([601, 600]);
    expect(process.messages.lines).toEqual([]);
  });

  it('may be nowhere any more', async () => {
    const { log, shelf } = await snapshotted();
    const process = start(log, shelf);
    await shelf.listed;
    shelf.kept.clear();
    expect((await process.stateOf(stock, stream)).state.onHand).toBe(601);
  });

  it('is followed further than is read beside it', async () => {
    const { log, shelf } = await snapshotted();
    const plain = start(log);
    for (let n = 0; n < 300; n += 1) await send(plain, `more ${n}`, receive(1));
    const process = start(log, shelf);
    await shelf.listed;
    expect((await process.stateOf(stock, stream)).state.onHand).toBe(901);
  });
});

describe('streams that were busy last', () => {
  const ahead = { definitions: [stock] };
  const tick = (): Promise<void> => new Promise(setImmediate);
  const folded = async (log: ScriptedLog): Promise<void> => {
    while (log.eventsRead === 0) await tick();
    await tick();
  };

  it('are folded when a process begins: its first command reads nothing', async () => {
    const { log, shelf } = await snapshotted();
    const process = start(log, shelf, ahead);
    await folded(log);
    log.eventsRead = 0;
    expect(codeOf(await send(process, 'a', receive(1)))).toBe('accepted');
    expect([log.eventsRead, shelf.loads]).toEqual([0, 1]);
    expect((await process.stateOf(stock, stream)).state.onHand).toBe(602);
  });

  it('are followed to the end of the stream, wherever others bring it', async () => {
    const { log, shelf } = await snapshotted();
    const process = start(log, shelf, ahead);
    await folded(log);
    const other = start(log);
    for (let n = 0; n < 300; n += 1) await send(other, `more ${n}`, receive(1));
    expect(await send(process, 'more 7', receive(1))).toMatchObject({ replayed: true });
    expect((await process.stateOf(stock, stream)).state.onHand).toBe(901);
  });

  it('are those whose kind is known', async () => {
    const { log, shelf } = await snapshotted();
    const process = start(log, shelf, { definitions: [item] });
    await shelf.listed;
    for (let n = 0; n < 20; n += 1) await tick();
    expect([log.eventsRead, shelf.loads]).toEqual([0, 0]);
    expect((await process.stateOf(stock, stream)).state.onHand).toBe(601);
  });

  it('are folded later where the store does not answer at the start', async () => {
    const { log, shelf } = await snapshotted();
    shelf.down = true;
    const process = start(log, shelf, ahead);
    await shelf.listed;
    shelf.down = false;
    expect((await process.stateOf(stock, stream)).state.onHand).toBe(601);
    expect(process.messages.lines).toEqual([]);
  });
});

describe('a snapshot of another version', () => {
  const next: Definition = { ...stock, form: { ...stock.form, version: stock.form.version + 1 } };
  const events = { ...stock.events, StockFrozen: stock.events['StockIssued.v2']! };
  const withAnotherEvent: Definition = { ...stock, events };

  it.each([
    ['older code and a newer one', next, stock],
    ['newer code and an older one', stock, next],
    ['code that knows an event less', withAnotherEvent, stock],
    ['code that knows an event more', stock, withAnotherEvent],
  ])('is ignored: %s', async (_, writer, reader) => {
    const { log, shelf } = await snapshotted(600, writer);
    // What it holds would be believed if it were used.
    const [key] = [...shelf.kept.keys()];
    const first = await cold(log, shelf, reader);
    expect(first.read).toBeGreaterThan(600);
    expect(first.onHand).toBe(await inTruth(log));
    expect(shelf.kept.has(key!)).toBe(true);
    expect((await cold(log, shelf, writer)).read).toBeLessThan(40);
  });
});

describe('a snapshot that is not of this stream is ignored, told of and forgotten', () => {
  const KEY = `${stream} ${FORM}`;
  it.each<[string, string, (log: ScriptedLog, shelf: SnapshotShelf) => void]>([
    [
      'an older backup of the store: it is ahead',
      'it is ahead of the stream',
      (log) => log.streams.get(stream)!.splice(500),
    ],
    [
      'an older backup that has gone on since',
      'another event stands there',
      (log) => {
        const events = log.streams.get(stream)!;
        events[600] = { ...events[600]!, id: idOf('another event') };
      },
    ],
    [
      'a bit of it is another',
      'its checksum is wrong',
      (_, shelf) =>
        damage(shelf, (body) => {
          const changed = Buffer.from(body);
          changed[300]! ^= 1;
          return changed;
        }),
    ],
    [
      'its end is missing',
      'its checksum is wrong',
      (_, shelf) => damage(shelf, (body) => body.subarray(0, -40)),
    ],
    ['it is empty', 'its checksum is wrong', (_, shelf) => damage(shelf, () => Buffer.alloc(0))],
    [
      'its row says another revision',
      'it stands in the row of another',
      (_, shelf) => shelf.kept.set(KEY, { ...shelf.kept.get(KEY)!, revision: 590 }),
    ],
  ])('%s', async (_, reason, happens) => {
    const { log, shelf } = await snapshotted();
    happens(log, shelf);
    const { onHand, read, lines } = await cold(log, shelf);
    expect(onHand).toBe(await inTruth(log));
    expect(read).toBeGreaterThan(499);
    expect(lines.map((line) => line.reason)).toEqual([reason]);
    expect((await cold(log, shelf)).lines).toEqual([]);
  });

  it('of another stream, under its name', async () => {
    const { log, shelf } = await snapshotted();
    const other = stockStream('default', SKU, 'OTHER');
    log.streams.set(other, log.streams.get(stream)!.slice(0, 100));
    shelf.kept.set(`${other} ${FORM}`, shelf.kept.get(KEY)!);
    const process = start(log, shelf);
    expect((await process.stateOf(stock, other)).state.onHand).toBe(100);
    expect(process.messages.lines[0]?.reason).toBe('it stands in the row of another');
  });
});

describe('when snapshots cannot be reached', () => {
  it('commands go on, and the log tells it once', async () => {
    const log = await longLog(700);
    const shelf = new SnapshotShelf();
    shelf.down = true;
    const process = start(log, shelf);
    for (const key of ['a', 'b', 'c']) {
      expect(codeOf(await send(process, key, receive(1)))).toBe('accepted');
    }
    expect(process.messages.lines.map(({ message }) => message)).toEqual([
      'snapshots cannot be loaded; streams are read whole',
    ]);
  });

  it('no command waits long, and while one load is out no other is asked for', async () => {
    const { log, shelf } = await snapshotted();
    shelf.hangs = true;
    const process = start(log, shelf);
    const other = stockStream('default', SKU, 'OTHER');
    log.streams.set(other, log.streams.get(stream)!);
    jest.useFakeTimers({ doNotFake: ['performance'] });
    const sent = send(process, 'a', receive(1));
    await jest.advanceTimersByTimeAsync(2_000);
    jest.useRealTimers();
    expect(codeOf(await sent)).toBe('accepted');
    const asked = shelf.loads;
    await process.stateOf(stock, other);
    expect(shelf.loads).toBe(asked);
  });
});

describe('a key from before a snapshot', () => {
  it('is answered from the stored events', async () => {
    const { log, shelf } = await snapshotted();
    const again = await send(start(log, shelf), '77', receive(1));
    expect(again).toMatchObject({ kind: 'accepted', replayed: true, revision: 77 });
    expect(log.streams.get(stream)).toHaveLength(601);
  });

  it('is refused for another body', async () => {
    const { log, shelf } = await snapshotted();
    const reused = await send(start(log, shelf), '77', receive(2));
    expect(codeOf(reused)).toBe('IDEMPOTENCY_KEY_REUSED');
    expect(reused.kind === 'refused' && reused.refusal.detail).toContain('quantity');
  });

  it('is known when the stream had let it go, while the audit table is away', async () => {
    const count = REMEMBERED_COMMANDS + 600;
    const { log, shelf } = await snapshotted(count);
    const away = (): Promise<never> => Promise.reject(new Error('the table is away'));
    const decided = { find: away, idsAfter: away };
    const process = start(log, shelf, { decided });
    expect(codeOf(await send(process, 'quite new', receive(1)))).toBe('accepted');
    expect(await send(process, '3', receive(1))).toMatchObject({ replayed: true, revision: 3 });
    expect(codeOf(await send(process, '5', receive(4)))).toBe('IDEMPOTENCY_KEY_REUSED');
    expect(log.streams.get(stream)).toHaveLength(count + 2);
  });

  it('is known while the filters that only the snapshot names are not there', async () => {
    const count = 45_000;
    const { log, shelf } = await snapshotted(count);
    expect(shelf.sealed.size).toBe(1);
    const parts = [...shelf.sealed];
    shelf.sealed.clear();
    const process = start(log, shelf);
    expect(await send(process, '3', receive(1))).toMatchObject({ replayed: true, revision: 3 });
    for (const [name, part] of parts) shelf.sealed.set(name, part);
    // Asked for again with the next look-up, and from then on a new key needs none.
    while (log.eventsRead > 0) {
      log.eventsRead = 0;
      expect(codeOf(await send(process, `new ${shelf.partLoads}`, receive(1)))).toBe('accepted');
    }
    expect(shelf.partLoads).toBeGreaterThan(1);
  });

  it('stays forgotten by nobody over a chain of snapshots', async () => {
    const { log, shelf } = await snapshotted();
    for (let round = 0; round < 3; round += 1) {
      const process = start(log, shelf);
      const saved = shelf.saved();
      for (let n = 0; n < EVENTS_BETWEEN; n += 1) await send(process, `${round}/${n}`, receive(1));
      await saved;
    }
    const process = start(log, shelf);
    log.eventsRead = 0;
    for (const key of ['0', '599', '0/0', `0/${EVENTS_BETWEEN - 1}`, '1/50', '2/0']) {
      expect(await send(process, key, receive(1))).toMatchObject({ replayed: true });
    }
    expect(codeOf(await send(process, 'oversell', issue(9_999)))).toBe('INSUFFICIENT_STOCK');
    expect(await inTruth(log)).toBe(601 + 3 * EVENTS_BETWEEN);
  });
});

test('what was read for a command whose deadline has passed serves the next one', async () => {
  const log = await longLog(700);
  const process = start(log);
  const late = send(process, 'late', receive(1), { deadline: performance.now() });
  expect(codeOf(await late)).toBe('STREAM_BUSY');
  log.eventsRead = 0;
  expect(codeOf(await send(process, 'next', receive(1)))).toBe('accepted');
  expect(log.eventsRead).toBe(0);
});

test('while a long stream is read commands are told at their deadlines, also those that queue behind', async () => {
  const log = await longLog(700);
  const process = start(log);
  let readOn = (): void => undefined;
  log.readingHeldBy = new Promise((resolve) => (readOn = resolve));
  const soon = { deadline: performance.now() + 50 };
  const first = send(process, 'first', receive(1), soon);
  await Promise.resolve();
  const behind = send(process, 'behind', receive(1), soon);
  const patient = send(process, 'patient', receive(1));
  expect((await Promise.all([first, behind])).map(codeOf)).toEqual(['STREAM_BUSY', 'STREAM_BUSY']);
  readOn();
  expect(codeOf(await patient)).toBe('accepted');
  expect(await inTruth(log)).toBe(701);
});
