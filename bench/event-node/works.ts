import type { Asked } from '../figures';
import type { ClientJob } from './client-load';
import type { EmptyJob } from './empty-load';
import type { StorageWork } from './storage-load';

/** One thing that the node does, what is asked of it, and the two parts of it that are measured alone. */
export interface Work {
  readonly section: string;
  readonly unit: string;
  readonly job: ClientJob;
  readonly asked?: Asked;
  readonly storage: StorageWork;
  readonly empty: EmptyJob['work'];
}

export const STORAGE_NAMES: Readonly<Record<StorageWork, string>> = {
  cursor: 'storage engine alone, cursor',
  commits: 'storage engine alone, durable commits',
  'group-commits': 'storage engine alone, 64 in a durable commit',
  sync: 'disk alone, a page written and synced',
};

export const EMPTY_NAMES: Readonly<Record<EmptyJob['work'], string>> = {
  echo: 'empty gRPC call, unary',
  'ping-pong': 'empty gRPC call, ping-pong on one stream',
  flood: 'empty gRPC call, messages of this size',
};

export const WORKS: readonly Work[] = [
  {
    section: 'reading the whole log',
    unit: 'events/s',
    job: { work: 'read-all', lanes: 1 },
    asked: { atLeast: 35_000 },
    storage: 'cursor',
    empty: 'flood',
  },
  {
    section: 'a subscription catching up',
    unit: 'events/s',
    job: { work: 'catch-up', lanes: 1 },
    asked: { atLeast: 45_000 },
    storage: 'cursor',
    empty: 'flood',
  },
  {
    section: 'appends, one after the other',
    unit: '/s',
    job: { work: 'batch', lanes: 1 },
    asked: { atLeast: 1_000 },
    storage: 'commits',
    empty: 'ping-pong',
  },
  {
    section: 'appends, 64 at a time',
    unit: '/s',
    job: { work: 'batch', lanes: 64 },
    asked: { atLeast: 8_000 },
    storage: 'group-commits',
    empty: 'ping-pong',
  },
  {
    section: 'unary appends, one after the other',
    unit: '/s',
    job: { work: 'unary', lanes: 1 },
    storage: 'commits',
    empty: 'echo',
  },
  {
    section: 'unary appends, 64 at a time',
    unit: '/s',
    job: { work: 'unary', lanes: 64 },
    storage: 'group-commits',
    empty: 'echo',
  },
];
