import { Server, ServerCredentials, type sendUnaryData } from '@grpc/grpc-js';
import type {
  ServerDuplexStream,
  ServerReadableStream,
  ServerUnaryCall,
  ServerWritableStream,
} from '@grpc/grpc-js';
import { supportedMethods } from '../../libs/embedded/eventstore/calls/gossip';
import { confirmation } from '../../libs/embedded/eventstore/calls/messages';
import { pipelining } from '../../libs/embedded/eventstore/calls/pipelining';
import {
  decodeBatchChunk,
  type BatchChunk,
} from '../../libs/embedded/eventstore/writing/proposals';
import {
  AppendResp,
  ServerFeaturesService,
  StreamsService,
  type ReadReq,
} from '../../libs/embedded/eventstore/calls/protocol';
import { eventRow, messageOf } from '../../libs/embedded/eventstore/log/record';
import { field, numberField } from '../../libs/embedded/eventstore/log/wire';
import { EMPTY_SERVICE } from './empty-service';
import { DATA, METADATA, TYPE } from './sample';

/**
 * What the node would cost if it did nothing: calls that are only answered, on the same grpc-js and with the same
 * pipelining. As a whole service of its own for a bare client, and as the calls that the official client makes.
 */

const MESSAGE = messageOf(
  eventRow(
    {
      id: '7f8c2ed4-6ba3-4dcb-9d3e-b7a8b8f8a0c1',
      stream: Buffer.from('stock-1'),
      streamNumber: 1,
      revision: 1,
      type: Buffer.from(TYPE),
      isJson: true,
      data: DATA,
      metadata: METADATA,
      position: 1_000_000,
      createdMs: 1_790_000_000_000,
    },
    0,
  ),
);

const asIs = (bytes: Buffer): Buffer => bytes;

/** Sends the same message over and over, at the reader's pace; without a count until the reader leaves. */
async function flood(call: ServerWritableStream<unknown, Buffer>, count: number): Promise<void> {
  let gone = false;
  let go = (): void => undefined;
  call.on('drain', () => go());
  call.once('close', () => {
    gone = true;
    go();
  });
  for (let sent = 0; sent < count && !gone; sent += 1) {
    if (!call.write(MESSAGE)) await new Promise<void>((resolve) => (go = resolve));
  }
  if (!gone) call.end();
}

function echoAll(call: ServerDuplexStream<Buffer, Buffer>): void {
  call.on('data', (message: Buffer) => call.write(message));
  call.on('end', () => call.end());
}

function succeedAll(call: ServerDuplexStream<BatchChunk, Buffer>): void {
  const position = field(3, Buffer.concat([numberField(1, 1), numberField(2, 1)]));
  const success = field(3, Buffer.concat([numberField(1, 1), position]));
  call.on('data', ({ correlation, target }: BatchChunk) => {
    const stream = field(4, field(3, target?.stream ?? Buffer.alloc(0)));
    call.write(Buffer.concat([field(1, correlation), success, stream]));
  });
  call.on('end', () => call.end());
}

function succeed(
  call: ServerReadableStream<unknown, AppendResp>,
  reply: sendUnaryData<AppendResp>,
): void {
  const success = new AppendResp.Success().setCurrentRevision('1');
  call.resume().on('end', () => reply(null, new AppendResp().setSuccess(success)));
}

async function read(call: ServerWritableStream<ReadReq, Buffer>): Promise<void> {
  const options = call.request.getOptions();
  if (options?.hasSubscription()) call.write(confirmation('a'));
  await flood(call, options?.hasCount() ? Number(options.getCount()) : Infinity);
}

function createServer(): Server {
  const server = new Server({ interceptors: [pipelining] });
  server.addService(EMPTY_SERVICE, {
    echo: (call: ServerUnaryCall<Buffer, Buffer>, reply: sendUnaryData<Buffer>) =>
      reply(null, call.request),
    pingPong: echoAll,
    flood: (call: ServerWritableStream<Buffer, Buffer>) =>
      void flood(call, call.request.readUInt32LE(0)),
  });
  server.addService(
    {
      read: { ...StreamsService.read, responseSerialize: asIs },
      append: StreamsService.append,
      batchAppend: {
        ...StreamsService.batchAppend,
        requestDeserialize: decodeBatchChunk,
        responseSerialize: asIs,
      },
    },
    {
      read: (call: ServerWritableStream<ReadReq, Buffer>) => void read(call),
      append: succeed,
      batchAppend: succeedAll,
    },
  );
  server.addService(ServerFeaturesService, {
    getSupportedMethods: (_call: unknown, reply: sendUnaryData<unknown>) =>
      reply(null, supportedMethods()),
  });
  return server;
}

const server = createServer();
server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  process.send?.({ ready: { url: `esdb://127.0.0.1:${port}?tls=false` } });
});
