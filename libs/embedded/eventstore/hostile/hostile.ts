import type { ServerInterceptor } from '@grpc/grpc-js';
import { hostileCalls } from './calls';
import { chancesFrom } from './chances';
import { hostileFeed } from './feed';
import { HOSTILE, type Deed, type HostileProfile } from './profile';
import { hostileRetries, hostileWriter } from './writes';
import type { LiveFeed } from '../log/live-feed';
import { openRetries, type Retries } from '../writing/retries';
import type { Writer } from '../log/writer';

/**
 * For tests only: what a real server may do to its clients, and a node of one process hardly ever does. It replaces
 * parts of a node by ones that misbehave within the protocol; an ordinary node has none and pays nothing.
 */
export interface Hostility {
  writer(inner: Writer): Writer;
  feed(inner: LiveFeed): LiveFeed;
  retries(): Retries;
  /** For a server that starts now, which is not ready for a while. */
  interceptors(): ServerInterceptor[];
  /** How often each has happened so far. */
  readonly deeds: ReadonlyMap<Deed, number>;
}

/** The same seed gives the same decisions, each kind in its own sequence. */
export function openHostility(seed: number, profile: HostileProfile = HOSTILE): Hostility {
  const chances = chancesFrom(seed, profile);
  return {
    writer: (inner) => hostileWriter(inner, chances),
    feed: (inner) => hostileFeed(inner, chances),
    retries: () => hostileRetries(chances),
    interceptors: () => [hostileCalls(chances)],
    deeds: chances.deeds,
  };
}

/** The behaviour of an ordinary node. */
export const NO_HOSTILITY: Hostility = {
  writer: (inner) => inner,
  feed: (inner) => inner,
  retries: () => openRetries(),
  interceptors: () => [],
  deeds: new Map(),
};
