import { randomUUID } from 'node:crypto';
import { EventStoreDBClient } from '@eventstore/db-client';
import {
  credentials,
  Metadata,
  type CallOptions,
  type ClientDuplexStream,
  type ServiceError,
} from '@grpc/grpc-js';
import { StreamsClient, textOfUuid, type BatchAppendReq, type BatchAppendResp } from './stubs';
import { UUID } from './stubs';

/** Nobody waits longer for one answer, in milliseconds. */
export const PATIENCE_MS = 30_000;

export const NO_METADATA = new Metadata();
export const withDeadline = (): CallOptions => ({ deadline: Date.now() + PATIENCE_MS });

/** The one official client that a process may have, and the stubs beside it. */
export interface Connection {
  readonly client: EventStoreDBClient;
  readonly stubs: StreamsClient;
  /** Sends the parts of one append on a batch call that all share. Rejects when the call ends without a reply. */
  readonly batchAppend: (parts: readonly BatchAppendReq[]) => Promise<BatchAppendResp>;
  /** Resolves when both answer again after a restart. */
  reconnect(): Promise<void>;
  close(): Promise<void>;
}

/** Opens the connection for a URL such as `esdb://127.0.0.1:2113?tls=false`. */
export function openConnection(url: string): Connection {
  const address = /^esdb:\/\/([^/?]+)/.exec(url)?.[1];
  if (address === undefined) throw new Error(`${url} is no URL of a single event store node`);
  // A busy machine is no difference: the client's own limit for unary calls is shorter.
  const limit = `${url.includes('?') ? '&' : '?'}defaultDeadline=${PATIENCE_MS}`;
  const client = EventStoreDBClient.connectionString(`${url}${limit}`);
  const stubs = new StreamsClient(address, credentials.createInsecure());
  const batch = openBatchCall(stubs);
  return {
    client,
    stubs,
    batchAppend: (parts) => batch.append(parts),
    async reconnect() {
      await new Promise<void>((resolve, reject) =>
        stubs.waitForReady(Date.now() + PATIENCE_MS, (error) =>
          error ? reject(error) : resolve(),
        ),
      );
      const giveUpAt = Date.now() + PATIENCE_MS;
      // The client notices that its node was away only by a call that fails.
      while (!(await answers(client))) {
        if (Date.now() > giveUpAt) throw new Error(`the node at ${url} does not answer`);
      }
    },
    async close() {
      batch.close();
      stubs.close();
      await client.dispose();
    },
  };
}

const answers = (client: EventStoreDBClient): Promise<boolean> =>
  client.appendToStream('reconnected', []).then(
    () => true,
    () => false,
  );

interface Waiting {
  resolve(reply: BatchAppendResp): void;
  reject(error: Error): void;
}

function openBatchCall(stubs: StreamsClient) {
  const waiting = new Map<string, Waiting>();
  let call: ClientDuplexStream<BatchAppendReq, BatchAppendResp> | undefined;

  const failAll = (error: Error): void => {
    call = undefined;
    for (const asker of waiting.values()) asker.reject(error);
    waiting.clear();
  };
  const open = (): ClientDuplexStream<BatchAppendReq, BatchAppendResp> => {
    const opened = stubs.batchAppend(NO_METADATA);
    opened.on('data', (reply: BatchAppendResp) => {
      const id = textOfUuid(reply.getCorrelationId());
      const asker = waiting.get(id);
      waiting.delete(id);
      if (asker) asker.resolve(reply);
      else failAll(new Error(`a second reply, or one to nobody: ${id}`));
    });
    opened.on('error', (error: ServiceError) => {
      if (call === opened) failAll(error);
    });
    opened.on('end', () => {
      if (call === opened) failAll(new Error('the node has ended the batch call'));
    });
    return opened;
  };
  return {
    append(parts: readonly BatchAppendReq[]): Promise<BatchAppendResp> {
      const id = randomUUID();
      call ??= open();
      const current = call;
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          waiting.delete(id);
          reject(new Error(`no reply within ${PATIENCE_MS / 1000} s`));
        }, PATIENCE_MS);
        const settle = (go: () => void): void => {
          clearTimeout(timer);
          go();
        };
        waiting.set(id, {
          resolve: (reply) => settle(() => resolve(reply)),
          reject: (error) => settle(() => reject(error)),
        });
        const correlation = new UUID().setString(id);
        for (const part of parts) current.write(part.setCorrelationId(correlation));
      });
    },
    close: () => call?.cancel(),
  };
}
