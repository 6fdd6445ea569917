import {
  END,
  eventTypeFilter,
  START,
  streamNameFilter,
  type AllStreamResolvedEvent,
  type ResolvedEvent,
} from '@eventstore/db-client';
import { status, type ServiceError } from '@grpc/grpc-js';
import { NO_METADATA, type Connection } from './connection';
import { clientError, statusError } from './errors';
import type { Names } from './names';
import { fromClient, fromStub, type Observed } from './observed';
import type { Filter, FollowLog, FollowStream } from './operations';
import { logRequest, streamRequest, type LogPosition } from './read-requests';
import type { ReadReq, ReadResp } from './stubs';

/** What a subscription has been told, in order. */
export type Item =
  | { readonly kind: 'confirmed' | 'caught up' }
  | { readonly kind: 'event'; readonly seen: Observed }
  | { readonly kind: 'checkpoint'; readonly at: LogPosition }
  | { readonly kind: 'refused'; readonly why: string };

export interface Progress {
  readonly confirmed: boolean;
  readonly caughtUp: boolean;
  readonly ownEvents: number;
  readonly ended: boolean;
}

/** An open subscription. */
export interface Following {
  readonly items: readonly Item[];
  /** Resolves when the condition holds, the subscription has ended or so much time has passed that it never will. */
  until(condition: (progress: Progress) => boolean): Promise<void>;
  readonly close: () => Promise<void>;
}

/** How long a subscriber waits for what must come, in milliseconds. */
const PATIENCE_MS = 15_000;

function collect(close: () => Promise<void>) {
  const items: Item[] = [];
  let progress: Progress = { confirmed: false, caughtUp: false, ownEvents: 0, ended: false };
  let look: (() => void) | undefined;
  return {
    take: (item: Item): void => {
      // The library says that a call is over after it has told why.
      if (progress.ended) return;
      items.push(item);
      if (item.kind === 'confirmed') progress = { ...progress, confirmed: true };
      else if (item.kind === 'caught up') progress = { ...progress, caughtUp: true };
      else if (item.kind === 'refused') progress = { ...progress, ended: true };
      else if (item.kind === 'event' && item.seen.isOwn) {
        progress = { ...progress, ownEvents: progress.ownEvents + 1 };
      }
      look?.();
    },
    following: {
      items,
      until: (condition: (progress: Progress) => boolean) =>
        new Promise<void>((resolve) => {
          const timer = setTimeout(() => done(), PATIENCE_MS);
          const done = (): void => {
            clearTimeout(timer);
            look = undefined;
            resolve();
          };
          look = () => {
            if (progress.ended || condition(progress)) done();
          };
          look();
        }),
      close,
    } satisfies Following,
  };
}

function followRaw(stubs: Connection['stubs'], names: Names, request: ReadReq): Following {
  const call = stubs.read(request, NO_METADATA);
  const { take, following } = collect(() => {
    call.cancel();
    return Promise.resolve();
  });
  call.on('data', (message: ReadResp) => take(itemOf(names, message)));
  call.on('error', (error: ServiceError) => {
    if (error.code !== status.CANCELLED) {
      take({ kind: 'refused', why: statusError(names, error) });
    }
  });
  call.on('end', () => take({ kind: 'refused', why: 'the node ended the subscription with OK' }));
  return following;
}

function itemOf(names: Names, message: ReadResp): Item {
  const event = message.getEvent();
  if (event) return { kind: 'event', seen: fromStub(names, event) };
  if (message.hasConfirmation()) return { kind: 'confirmed' };
  if (message.hasCaughtUp()) return { kind: 'caught up' };
  const checkpoint = message.getCheckpoint();
  if (!checkpoint) return { kind: 'refused', why: `message ${message.getContentCase()}` };
  const commit = BigInt(checkpoint.getCommitPosition());
  return { kind: 'checkpoint', at: { commit, prepare: BigInt(checkpoint.getPreparePosition()) } };
}

interface ClientSubscription {
  on(name: 'data', listener: (event: ResolvedEvent | AllStreamResolvedEvent) => void): unknown;
  on(name: 'error', listener: (error: Error) => void): unknown;
  on(name: 'caughtUp' | 'confirmation', listener: () => void): unknown;
  unsubscribe(): Promise<void>;
}

function followWithClient(names: Names, subscription: ClientSubscription): Following {
  let closed = false;
  const { take, following } = collect(async () => {
    closed = true;
    await subscription.unsubscribe();
  });
  subscription.on('confirmation', () => take({ kind: 'confirmed' }));
  subscription.on('caughtUp', () => take({ kind: 'caught up' }));
  subscription.on('data', (event) => take({ kind: 'event', seen: fromClient(names, event) }));
  subscription.on('error', (error) => {
    if (!closed) take({ kind: 'refused', why: clientError(names, error) });
  });
  return following;
}

export function followStream(
  { client, stubs }: Connection,
  names: Names,
  { via, stream, from, resolve }: FollowStream,
): Following {
  const name = names.full(stream);
  if (via === 'raw') {
    return followRaw(stubs, names, streamRequest({ stream: name, from, resolve }));
  }
  const fromRevision = from === 'start' ? START : from === 'end' ? END : BigInt(from);
  const subscription = client.subscribeToStream(name, { fromRevision, resolveLinkTos: resolve });
  return followWithClient(names, subscription);
}

export function followLog(
  { client, stubs }: Connection,
  names: Names,
  { via, resolve, filter }: Pick<FollowLog, 'via' | 'resolve' | 'filter'>,
  from: 'start' | 'end' | LogPosition,
): Following {
  if (via === 'raw') return followRaw(stubs, names, logRequest(names, { from, filter, resolve }));
  const subscription = client.subscribeToAll({
    fromPosition: from === 'start' ? START : from === 'end' ? END : from,
    resolveLinkTos: resolve,
    ...(filter ? { filter: clientFilter(names, filter) } : {}),
  });
  return followWithClient(names, subscription);
}

function clientFilter(names: Names, { on, prefixes, regex, window, interval }: Filter) {
  const create = on === 'stream' ? streamNameFilter : eventTypeFilter;
  const common = {
    checkpointInterval: interval,
    ...(window === undefined ? {} : { maxSearchWindow: window }),
  };
  return regex === undefined
    ? create({ ...common, prefixes: (prefixes ?? []).map(names.full) })
    : create({ ...common, regex: names.full(regex) });
}
