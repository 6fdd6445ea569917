import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openGroup } from '../../libs/embedded/eventstore/log/group';
import { DamageError } from '../../libs/embedded/eventstore/log/damage';
import {
  dataOf,
  holdsEvent,
  revisionOf,
  streamBytesOf,
} from '../../libs/embedded/eventstore/log/record';
import { openStore, type Store } from '../../libs/embedded/eventstore/log/store';

/*
 * Damages copies of a file at places that a seed chooses and reads all that is left, in a process of its own: what is
 * served wrongly, and a process that dies, are what the caller looks for.
 *   node dist/test/support/damaged-files.js FOLDER SEED FIRST COUNT
 * writes a line of JSON before and after each copy.
 */
const STREAMS = 40;
const EVENTS = 1_500;
const LARGE_EVERY = 100;

export interface Trial {
  readonly trial: number;
  readonly damage: string;
  /** Absent as long as the trial is under way. */
  readonly outcome?: 'refused' | 'found' | 'unharmed' | 'wrong';
  readonly message?: string;
}

const streamOf = (n: number): string => `stock-${n % STREAMS}`;
const textOf = (n: number): string =>
  JSON.stringify({ n, note: 'x'.repeat(n % LARGE_EVERY === 7 ? 9_000 : 120) });

function fill(file: string): Promise<void> {
  const store = openStore(file);
  // Several commits, so that there are pages that have been used and are free again.
  for (let first = 0; first < EVENTS; first += 100) {
    const group = openGroup(store, 1_700_000_000_000);
    for (let n = first; n < first + 100; n += 1) {
      const stream = streamOf(n);
      const head = group.head(stream) ?? group.createHead();
      group.add(stream, head, head.last + 1, {
        id: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
        type: Buffer.from('StockReceived'),
        isJson: true,
        data: Buffer.from(textOf(n)),
        metadata: Buffer.alloc(0),
      });
      group.setHead(stream, { ...head, last: head.last + 1 });
    }
    const commit = group.commit();
    if (commit) store.commit(commit);
  }
  return store.close();
}

/** Small and good enough: what matters is that a seed gives the same places again (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One bit, some garbage, a page of zeros, or the end cut off. */
function damage(
  bytes: Buffer,
  random: () => number,
): { readonly damaged: Buffer; readonly how: string } {
  const damaged = Buffer.from(bytes);
  const kind = random();
  const at = Math.floor(random() * bytes.length);
  if (kind < 0.5) {
    damaged[at]! ^= 1 << Math.floor(random() * 8);
    return { damaged, how: `a bit at ${at}` };
  }
  if (kind < 0.7) {
    const length = 1 + Math.floor(random() * 64);
    for (let i = at; i < Math.min(at + length, bytes.length); i += 1) damaged[i] = random() * 256;
    return { damaged, how: `${length} bytes at ${at}` };
  }
  const page = at - (at % 4096);
  if (kind < 0.85) return { damaged: damaged.fill(0, page, page + 4096), how: `page at ${page}` };
  // The headers of pages are few bytes, but they mislead the engine the most.
  if (kind < 0.95) {
    damaged[page + Math.floor(random() * 40)]! ^= 1 << Math.floor(random() * 8);
    return { damaged, how: `a bit in the header of the page at ${page}` };
  }
  return { damaged: damaged.subarray(0, at), how: `cut at ${at}` };
}

/** Reads everything; answers what is not as it was written. Throws what the store throws. */
function readAll(store: Store): {
  readonly wrong: string | undefined;
  readonly flaw: string | undefined;
} {
  let flaw: string | undefined;
  const attempt = <T>(read: () => T): T | undefined => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof DamageError)) throw error;
      flaw = error.message;
      return undefined;
    }
  };
  let n = 0;
  for (let from = 0; ;) {
    const rows = attempt(() => store.readLog(from, store.tail().position, 128));
    const last = rows?.at(-1);
    if (!rows || !last) {
      if (rows && n !== EVENTS) return { wrong: `the log ends after ${n} events`, flaw };
      break;
    }
    for (const { row } of rows.filter((entry) => holdsEvent(entry.row))) {
      if (dataOf(row).toString() !== textOf(n)) return { wrong: `event ${n} of the log`, flaw };
      n += 1;
    }
    from = last.position + 1;
  }
  for (let s = 0; s < STREAMS; s += 1) {
    const wrong = attempt(() => wrongIn(store, s));
    if (wrong) return { wrong, flaw };
  }
  return { wrong: undefined, flaw };
}

function wrongIn(store: Store, s: number): string | undefined {
  const stream = streamOf(s);
  const head = store.head(stream);
  const count = Math.ceil((EVENTS - s) / STREAMS);
  if (head?.last !== count - 1) return `the head of ${stream}`;
  for (const { row } of store.readStream(head.number, 0, head.last, count)) {
    const n = revisionOf(row) * STREAMS + s;
    const isRight =
      streamBytesOf(row).toString() === stream && dataOf(row).toString() === textOf(n);
    if (!isRight) return `revision ${revisionOf(row)} of ${stream}`;
  }
  return undefined;
}

async function tryOne(file: string): Promise<Pick<Trial, 'outcome' | 'message'>> {
  let store: Store;
  try {
    store = openStore(file);
  } catch (error) {
    return { outcome: 'refused', message: String(error) };
  }
  try {
    const { wrong, flaw } = readAll(store);
    if (wrong) return { outcome: 'wrong', message: wrong };
    return flaw ? { outcome: 'found', message: flaw } : { outcome: 'unharmed' };
  } finally {
    await store.close();
  }
}

async function main(folder: string, seed: number, first: number, count: number): Promise<void> {
  const original = join(folder, 'original.mdb');
  await mkdir(folder, { recursive: true });
  if (first === 0) await fill(original);
  const bytes = await readFile(original);
  for (let trial = first; trial < count; trial += 1) {
    const { damaged, how } = damage(bytes, randomFrom(seed * 1_000_003 + trial));
    const file = join(folder, `trial-${trial}.mdb`);
    await writeFile(file, damaged);
    console.log(JSON.stringify({ trial, damage: how } satisfies Trial));
    console.log(JSON.stringify({ trial, damage: how, ...(await tryOne(file)) } satisfies Trial));
    await rm(file);
    await rm(`${file}-lock`, { force: true });
  }
}

const [folder = '', seed = '', first = '', count = ''] = process.argv.slice(2);
main(folder, Number(seed), Number(first), Number(count)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
