import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { openGroup } from '../../libs/embedded/eventstore/log/group';
import { PAGE_ROWS } from '../../libs/embedded/eventstore/calls/reads';
import { openStore, type Store } from '../../libs/embedded/eventstore/log/store';
import { storeFile } from './fill-log';
import { addEvent, commit, SLICE, type Log } from './log';
import { repeat, type Load } from './timing';

/** The node's storage engine in a process of its own, without gRPC around it. */

export type StorageWork = 'sync' | 'commits' | 'group-commits' | 'cursor';

const GROUP = 64;

async function run(work: StorageWork, log: Log, seconds: number): Promise<Load> {
  if (work === 'sync') return syncFile(log.folder, seconds);
  const store = openStore(storeFile(log.folder));
  try {
    return await repeat(seconds, 1, workOn(store, work, log));
  } finally {
    await store.close();
  }
}

function workOn(store: Store, work: StorageWork, { places, streams }: Log) {
  if (work === 'cursor') return (turn: number) => readSlice(store, places[turn % places.length]!);
  const size = work === 'commits' ? 1 : GROUP;
  return (turn: number): number => {
    const group = openGroup(store, Date.now());
    for (let i = 0; i < size; i += 1) addEvent(group, streams[(turn * size + i) % streams.length]!);
    commit(store, group);
    return size;
  };
}

function readSlice(store: Store, place: number): number {
  const end = store.tail().position;
  let from = place;
  let count = 0;
  while (count < SLICE) {
    const rows = store.readLog(from, end, Math.min(PAGE_ROWS, SLICE - count));
    const last = rows.at(-1);
    if (!last) break;
    count += rows.length;
    from = last.position + 1;
  }
  return count;
}

/** What the disk alone does: a page written in place and synced. */
async function syncFile(folder: string, seconds: number): Promise<Load> {
  const path = join(folder, 'sync.tmp');
  const file = openSync(path, 'w');
  const page = Buffer.alloc(4096, 1);
  try {
    return await repeat(seconds, 1, () => {
      writeSync(file, page, 0, page.length, 0);
      fdatasyncSync(file);
      return 1;
    });
  } finally {
    closeSync(file);
    rmSync(path);
  }
}

async function main([works, log, seconds]: string[]): Promise<void> {
  const measured: Load[] = [];
  for (const work of JSON.parse(works!) as StorageWork[]) {
    measured.push(await run(work, JSON.parse(log!) as Log, Number(seconds)));
  }
  process.stdout.write(`${JSON.stringify(measured)}\n`);
}

void main(process.argv.slice(2));
