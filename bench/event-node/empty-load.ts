import { Client, credentials, type ClientDuplexStream } from '@grpc/grpc-js';
import { EMPTY_SERVICE } from './empty-service';
import { SLICE } from './log';
import { DATA, METADATA } from './sample';
import { repeat, type Load } from './timing';

/** A bare gRPC client of the calls that only answer. */

export interface EmptyJob {
  readonly work: 'echo' | 'ping-pong' | 'flood';
  /** How many calls at a time. */
  readonly lanes: number;
}

const { echo, pingPong, flood } = EMPTY_SERVICE;
const BODY = Buffer.concat([DATA, METADATA]);

function callOnce(client: Client): Promise<number> {
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      echo.path,
      echo.requestSerialize,
      echo.responseDeserialize,
      BODY,
      (error) => (error ? reject(error) : resolve(1)),
    );
  });
}

/** One call for all; each answer goes to the one that has waited longest, since answers come in order. */
function pinger(client: Client): () => Promise<number> {
  const call: ClientDuplexStream<Buffer, Buffer> = client.makeBidiStreamRequest(
    pingPong.path,
    pingPong.requestSerialize,
    pingPong.responseDeserialize,
  );
  const waiting: (() => void)[] = [];
  call.on('data', () => waiting.shift()?.());
  return () =>
    new Promise((resolve) => {
      waiting.push(() => resolve(1));
      call.write(BODY);
    });
}

async function takeFlood(client: Client): Promise<number> {
  const wanted = Buffer.alloc(4);
  wanted.writeUInt32LE(SLICE, 0);
  const call = client.makeServerStreamRequest(
    flood.path,
    flood.requestSerialize,
    flood.responseDeserialize,
    wanted,
  );
  let count = 0;
  for await (const message of call) if (message) count += 1;
  return count;
}

function workOf(work: EmptyJob['work'], client: Client): () => Promise<number> {
  switch (work) {
    case 'echo':
      return () => callOnce(client);
    case 'ping-pong':
      return pinger(client);
    case 'flood':
      return () => takeFlood(client);
  }
}

async function main([url, jobs, seconds]: string[]): Promise<void> {
  const client = new Client(new URL(url!).host, credentials.createInsecure());
  const measured: Load[] = [];
  for (const { work, lanes } of JSON.parse(jobs!) as EmptyJob[]) {
    measured.push(await repeat(Number(seconds), lanes, workOf(work, client)));
  }
  process.stdout.write(`${JSON.stringify(measured)}\n`);
}

void main(process.argv.slice(2)).then(() => process.exit(0));
