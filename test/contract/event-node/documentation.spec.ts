import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { Client, credentials, status, type ServiceDefinition } from '@grpc/grpc-js';
import { startNodeOnly } from './support';

/** docs/event-node.md tells which calls are answered; every other one that the client ships a definition of is not. */

const documentation = readFileSync(resolve(__dirname, '../../../docs/event-node.md'), 'utf8');
const DEADLINE_MS = 2_000;
const bytes = (message: Buffer): Buffer => message;

/** `Service/Method` → path, of everything that the official client could call. */
function callsOfTheClient(): Map<string, string> {
  const require = createRequire(__filename);
  const folder = dirname(require.resolve('@eventstore/db-client/generated/streams_grpc_pb'));
  const files = readdirSync(folder).filter((file) => file.endsWith('_grpc_pb.js'));
  const services = files
    .flatMap((file) => Object.entries(require(join(folder, file)) as object))
    .filter(([name]) => name.endsWith('Service'))
    .map(([, service]) => service as ServiceDefinition);
  const paths = services.flatMap((service) => Object.values(service).map(({ path }) => path));
  return new Map(paths.map((path) => [path.split('.').at(-1)!, path]));
}

/** The status of an empty request; undefined when nothing has ended the call in time. */
function statusOf(client: Client, path: string): Promise<status | undefined> {
  return new Promise((resolve) => {
    const options = { deadline: Date.now() + DEADLINE_MS };
    const call = client.makeBidiStreamRequest(path, bytes, bytes, options);
    call.on('data', () => resolve(undefined));
    call.on('status', ({ code }) => resolve(code));
    call.on('error', () => undefined);
    call.end(Buffer.alloc(0));
  });
}

it('names exactly the calls that are answered', async () => {
  const node = await startNodeOnly();
  const client = new Client(`127.0.0.1:${node.port}`, credentials.createInsecure());
  const answered: string[] = [];
  for (const [name, path] of callsOfTheClient()) {
    if ((await statusOf(client, path)) !== status.UNIMPLEMENTED) answered.push(name);
  }
  client.close();
  await node.stop();

  const documented = [...documentation.matchAll(/^\| `([A-Z]\w+\/\w+)`/gm)].map(([, name]) => name);
  expect(documented.sort()).toEqual(answered.sort());
});
