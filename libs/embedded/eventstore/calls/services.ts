import {
  Server,
  status,
  type sendUnaryData,
  type ServerDuplexStream,
  type ServerInterceptor,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
} from '@grpc/grpc-js';
import type { Address } from '../address';
import { batchAppend } from './batch-append-call';
import { DamageError } from '../log/damage';
import { CallError, dataLoss, unknown } from './errors';
import { clusterOfOne, supportedMethods } from './gossip';
import { LIMIT_OPTIONS } from '../limits/limits';
import { callGate } from '../limits/calls';
import type { EventNode } from '../node';
import { openOutlet, type Outlet } from './outlet';
import { pipelining } from './pipelining';
import {
  decodeAppendPart,
  decodeBatchChunk,
  decodeDelete,
  type AppendPart,
  type BatchChunk,
  type Target,
} from '../writing/proposals';
import {
  GossipService,
  OperationsService,
  ServerFeaturesService,
  StreamsService,
} from './protocol';
import type { AppendResp, DeleteResp, ReadReq, TombstoneResp } from './protocol';
import { readOptions, type LogRead, type StreamRead } from './read-options';
import { readLog, readStream } from './reads';
import { scavengeCalls, type Scavenges } from '../scavenge/service';
import { subscribeToLog, subscribeToStream } from './subscriptions';
import { append, deleteStream, tombstoneStream } from './write-calls';

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
  scavenges: Scavenges,
  address: () => Address,
  interceptors: readonly ServerInterceptor[],
): Server {
  const server = new Server({
    'grpc.max_receive_message_length': node.limits.messageBytes,
    'grpc.max_send_message_length': -1,
    // The first one is the innermost: only that sees the call of the library itself.
    interceptors: [callGate(node.limits, node.traffic, node.logger), ...interceptors, pipelining],
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
  const { startScavenge, stopScavenge } = OperationsService;
  server.addService({ startScavenge, stopScavenge }, scavengeCalls(scavenges));
  server.addService(GossipService, {
    read: (_call: unknown, reply: sendUnaryData<unknown>) => {
      const at = address();
      reply(null, 'host' in at ? clusterOfOne(at.host, at.port) : clusterOfOne(at.socket, 0));
    },
  });
  return server;
}

async function read(node: EventNode, call: ServerWritableStream<ReadReq, Buffer>): Promise<void> {
  const outlet = openOutlet(node, call);
  try {
    const wanted = readOptions(call.request);
    if (wanted.count === undefined) countSubscription(node, outlet);
    await start(node, wanted, outlet);
  } catch (error) {
    if (error instanceof CallError) return outlet.fail(error);
    if (error instanceof DamageError) return outlet.fail(dataLoss(error.message));
    node.logger.error({ err: error }, 'a read failed');
    outlet.fail(unknown('the read failed'));
  }
}

function countSubscription({ traffic, limits }: EventNode, outlet: Outlet): void {
  if (traffic.subscriptions >= limits.subscriptions) {
    throw new CallError(
      status.RESOURCE_EXHAUSTED,
      `the node serves ${limits.subscriptions} subscriptions, its limit: end some, or start it with a higher ${LIMIT_OPTIONS.subscriptions}`,
    );
  }
  traffic.subscriptions += 1;
  outlet.onClose(() => (traffic.subscriptions -= 1));
}

function start(node: EventNode, wanted: StreamRead | LogRead, outlet: Outlet): Promise<void> {
  if (wanted.stream === undefined) {
    return wanted.count === undefined
      ? subscribeToLog(node, wanted, outlet)
      : readLog(node, wanted, outlet);
  }
  return wanted.count === undefined
    ? subscribeToStream(node, wanted, outlet)
    : readStream(node, wanted, outlet);
}
