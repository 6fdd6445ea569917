import { StreamNotFoundError } from '@eventstore/db-client';
import { credentials, Metadata } from '@grpc/grpc-js';
import { GossipClient } from '@eventstore/db-client/generated/gossip_grpc_pb';
import { ServerFeaturesClient } from '@eventstore/db-client/generated/serverfeatures_grpc_pb';
import { Empty, StreamIdentifier, UUID } from '@eventstore/db-client/generated/shared_pb';
import { StreamsClient } from '@eventstore/db-client/generated/streams_grpc_pb';
import { BatchAppendReq, type BatchAppendResp } from '@eventstore/db-client/generated/streams_pb';
import { Empty as GoogleEmpty } from 'google-protobuf/google/protobuf/empty_pb';
import { Timestamp } from 'google-protobuf/google/protobuf/timestamp_pb';
import {
  collect,
  newStream,
  startNodeOnly,
  startNodeUnderTest,
  until,
  type NodeUnderTest,
} from './support';

// What the official client hides is looked at through the stubs that it ships.
let under: NodeUnderTest;
let streams: StreamsClient;
beforeAll(async () => {
  under = await startNodeUnderTest();
  streams = new StreamsClient(`127.0.0.1:${under.node.port}`, credentials.createInsecure());
});
afterAll(async () => {
  streams.close();
  await under.close();
});

const address = (): string => `127.0.0.1:${under.node.port}`;

interface Chunk {
  readonly correlation: string;
  readonly stream?: string;
  readonly deadline?: Date;
  readonly types: readonly string[];
  readonly final: boolean;
}

function chunk({ correlation, stream, deadline, types, final }: Chunk): BatchAppendReq {
  const request = new BatchAppendReq().setCorrelationId(new UUID().setString(correlation));
  if (stream !== undefined) {
    const options = new BatchAppendReq.Options().setNoStream(new GoogleEmpty());
    options.setStreamIdentifier(new StreamIdentifier().setStreamName(Buffer.from(stream)));
    if (deadline) options.setDeadline(Timestamp.fromDate(deadline));
    request.setOptions(options);
  }
  for (const type of types) {
    const event = new BatchAppendReq.ProposedMessage();
    event.setId(new UUID().setString(crypto.randomUUID()));
    event.getMetadataMap().set('type', type).set('content-type', 'application/json');
    request.addProposedMessages(event.setData(Buffer.from('{}')));
  }
  return request.setIsFinal(final);
}

/** Sends the chunks on one call and collects the replies by correlation id. */
async function batch(
  chunks: readonly Chunk[],
  replies: number,
): Promise<Map<string, BatchAppendResp>> {
  const call = streams.batchAppend(new Metadata());
  const received = new Map<string, BatchAppendResp>();
  call.on('error', () => undefined);
  call.on('data', (reply: BatchAppendResp) =>
    received.set(reply.getCorrelationId()?.getString() ?? '', reply),
  );
  for (const each of chunks) call.write(chunk(each));
  await until(() => received.size === replies);
  call.cancel();
  return received;
}

const one = '11111111-1111-4111-8111-111111111111';
const two = '22222222-2222-4222-8222-222222222222';

test('given two appends in chunks on one call, when the chunks are mixed, then each is written whole', async () => {
  const [a, b] = [newStream(), newStream()];
  const replies = await batch(
    [
      { correlation: one, stream: a, types: ['A1'], final: false },
      { correlation: two, stream: b, types: ['B1'], final: false },
      { correlation: one, types: ['A2'], final: true },
      { correlation: two, types: ['B2', 'B3'], final: true },
    ],
    2,
  );
  expect(replies.get(one)?.getSuccess()?.getCurrentRevision()).toBe('1');
  expect(replies.get(two)?.getSuccess()?.getCurrentRevision()).toBe('2');
});

test.each([
  ['its deadline has passed', new Date(Date.now() - 1000), true, ['A1'], 'Timeout', 4],
  ['its last part is missing', new Date(Date.now() + 500), false, ['A1'], 'Timeout', 4],
  ['an event has no type', undefined, true, [''], 'BadRequest', 3],
])(
  'given a batch append, when %s, then the error has details and the stream',
  async (_why, deadline, final, types, detail, code) => {
    const stream = newStream();
    const limit = deadline ? { deadline } : {};
    const replies = await batch([{ correlation: one, stream, types, final, ...limit }], 1);
    const reply = replies.get(one);
    expect(reply?.getError()?.getCode()).toBe(code);
    expect(reply?.getError()?.getDetails()?.getTypeUrl()).toBe(
      `type.googleapis.com/event_store.client.${detail}`,
    );
    const name = reply?.getStreamIdentifier()?.getStreamName_asU8() ?? [];
    expect(Buffer.from(name).toString()).toBe(stream);
    await expect(collect(under.client.readStream(stream))).rejects.toThrow(StreamNotFoundError);
  },
);

test('given a node, when it is asked who leads, then it is a live leader itself', async () => {
  const gossip = new GossipClient(address(), credentials.createInsecure());
  const members = await new Promise((resolve, reject) =>
    gossip.read(new Empty(), (error, info) =>
      error ? reject(error) : resolve(info.toObject().membersList),
    ),
  );
  gossip.close();
  expect(members).toMatchObject([
    { isAlive: true, state: 8, httpEndPoint: { address: '127.0.0.1', port: under.node.port } },
  ]);
});

test('given a node, when it is asked what it can do, then it names what the official client looks for', async () => {
  const features = new ServerFeaturesClient(address(), credentials.createInsecure());
  const methods = await new Promise<readonly string[]>((resolve, reject) =>
    features.getSupportedMethods(new Empty(), (error, reply) =>
      error ? reject(error) : resolve(reply.getMethodsList().map((m) => m.getMethodName())),
    ),
  );
  features.close();
  expect([...methods].sort()).toEqual(['append', 'batchappend', 'delete', 'read', 'tombstone']);
});

test('given open calls, when the node stops, then they end with CANCELLED and it stops in time', async () => {
  const other = await startNodeOnly();
  const own = new StreamsClient(`127.0.0.1:${other.port}`, credentials.createInsecure());
  const call = own.batchAppend(new Metadata());
  const ended = new Promise<number>((resolve) =>
    call.on('error', (error: { readonly code: number }) => resolve(error.code)),
  );
  const replied = new Promise((resolve) => call.once('data', resolve));
  call.write(chunk({ correlation: one, stream: newStream(), types: ['A'], final: true }));
  await replied;
  await other.stop();
  expect(await ended).toBe(1);
  own.close();
});
