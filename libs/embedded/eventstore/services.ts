import {
  Server,
  type sendUnaryData,
  type ServerDuplexStream,
  type ServerInterceptor,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
} from '@grpc/grpc-js';
import { batchAppend } from './batch-append-call';
import { DamageError } from './damage';
import { CallError, dataLoss, unknown } from './errors';
import { clusterOfOne, supportedMethods } from './gossip';
import type { EventNode } from './node';
import { openOutlet, type Outlet } from './outlet';
import { pipelining } from './pipelining';
import {
  decodeAppendPart,
  decodeBatchChunk,
  decodeDelete,
  type AppendPart,
  type BatchChunk,
  type Target,
} from './proposals';
import { GossipService, ServerFeaturesService, StreamsService } from './protocol';
import type { AppendResp, DeleteResp, ReadReq, TombstoneResp } from './protocol';
import { readOptions } from './read-options';
import { readLog, readStream } from './reads';
import { subscribeToLog, subscribeToStream } from './subscriptions';
import { append, deleteStream, tombstoneStream } from './write-calls';

const MAX_MESSAGE_BYTES = 16 << 20;

const asIs = (bytes: Buffer): Buffer => bytes;

/** The shipped definition, but events go out as they are stored and appends come in through our own decoder. */
const STREAMS = {
  read: { ...StreamsService.read, responseSerialize: asIs },
  append: { ...StreamsService.append, requestDeserialize: decodeAppendPart },
  delete: { ...StreamsService.delete, requestDeserialize: decodeDelete },
  tombstone: { ...StreamsService.tombstone, requestDeserialize: decodeDelete },
  batchAppend: {
    ...StreamsService.batchAppend,
    requestDeserialize: decodeBatchChunk,
    responseSerialize: asIs,
  },
};

export function createServer(
  node: EventNode,
  address: () => { host: string; port: number },
  interceptors: readonly ServerInterceptor[],
): Server {
  const server = new Server({
    'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
    'grpc.max_send_message_length': -1,
    interceptors: [...interceptors, pipelining],
  });
  server.addService(STREAMS, {
    read: (call: ServerWritableStream<ReadReq, Buffer>) => void read(node, call),
    append: (
      call: ServerReadableStream<AppendPart, AppendResp>,
      reply: sendUnaryData<AppendResp>,
    ) => append(node, call, reply),
    delete: (
      call: ServerUnaryCall<Target | undefined, DeleteResp>,
      reply: sendUnaryData<DeleteResp>,
    ) => deleteStream(node, call.request, reply),
    tombstone: (
      call: ServerUnaryCall<Target | undefined, TombstoneResp>,
      reply: sendUnaryData<TombstoneResp>,
    ) => tombstoneStream(node, call.request, reply),
    batchAppend: (call: ServerDuplexStream<BatchChunk, Buffer>) => batchAppend(node, call),
  });
  server.addService(ServerFeaturesService, {
    getSupportedMethods: (_call: unknown, reply: sendUnaryData<unknown>) =>
      reply(null, supportedMethods()),
  });
  server.addService(GossipService, {
    read: (_call: unknown, reply: sendUnaryData<unknown>) => {
      const { host, port } = address();
      reply(null, clusterOfOne(host, port));
    },
  });
  return server;
}

async function read(node: EventNode, call: ServerWritableStream<ReadReq, Buffer>): Promise<void> {
  const outlet = openOutlet(node, call);
  try {
    await start(node, call.request, outlet);
  } catch (error) {
    if (error instanceof CallError) return outlet.fail(error);
    if (error instanceof DamageError) return outlet.fail(dataLoss(error.message));
    node.logger.error({ err: error }, 'a read failed');
    outlet.fail(unknown('the read failed'));
  }
}

function start(node: EventNode, request: ReadReq, outlet: Outlet): Promise<void> {
  const wanted = readOptions(request);
  if (wanted.stream === undefined) {
    return wanted.count === undefined
      ? subscribeToLog(node, wanted, outlet)
      : readLog(node, wanted, outlet);
  }
  return wanted.count === undefined
    ? subscribeToStream(node, wanted, outlet)
    : readStream(node, wanted, outlet);
}
