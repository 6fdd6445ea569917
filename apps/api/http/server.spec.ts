import { once } from 'node:events';
import type { Server, ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { Load } from './load';
import { answerBrokenMessage, createHttpServer, type Handler } from './server';

const limits = {
  maxConnections: 8,
  maxInFlight: 2,
  requestTimeoutMs: 300,
  idleTimeoutMs: 1_000,
};
let server: Server;
let load: Load;
let handler: Handler;
const clients: Socket[] = [];

beforeEach(async () => {
  load = new Load(limits);
  handler = (request, response) => {
    request.resume().on('end', () => response.end('done'));
    request.on('error', () => undefined);
  };
  server = createHttpServer((request, response) => handler(request, response), load);
  server.on('clientError', answerBrokenMessage);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
  // The last sockets tell a moment after the server.
  while (load.connections > 0) await new Promise((next) => setImmediate(next));
});

/** A socket that has been heard to the end when `heard` resolves. */
function client(text = ''): { socket: Socket; heard: Promise<string> } {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  clients.push(socket);
  let told = '';
  const heard = new Promise<string>((resolve) => {
    socket.on('data', (bytes: Buffer) => (told += bytes.toString('latin1')));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(told));
  });
  if (text !== '') socket.write(text);
  return { socket, heard };
}

const GET = 'GET / HTTP/1.1\r\nhost: x\r\n';
const codeIn = (answer: string): string => {
  expect(answer).toContain('content-type: application/problem+json');
  const [, code = ''] = /"code":"([A-Z_]+)"/.exec(answer) ?? [];
  return `${answer.slice(9, 12)} ${code}`;
};

it.each<[string, string, string]>([
  ['no HTTP at all', '\x16\x03\x01\x02\x00\r\n\r\n', '400 MALFORMED_REQUEST'],
  ['a method nobody knows', 'FOO / HTTP/1.1\r\nhost: x\r\n\r\n', '400 MALFORMED_REQUEST'],
  ['another HTTP', 'GET / HTTP/9.9\r\nhost: x\r\n\r\n', '400 MALFORMED_REQUEST'],
  ['an address that is not ASCII', 'GET /ä HTTP/1.1\r\nhost: x\r\n\r\n', '400 MALFORMED_REQUEST'],
  ['a control character in a header', `${GET}a: \x01\r\n\r\n`, '400 MALFORMED_REQUEST'],
  ['two lengths', `${GET}content-length: 1\r\ncontent-length: 2\r\n\r\n`, '400 MALFORMED_REQUEST'],
  [
    'a length and chunks',
    'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    '400 MALFORMED_REQUEST',
  ],
  [
    'a chunk without a size',
    'POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\n\r\n',
    '400 MALFORMED_REQUEST',
  ],
  ['20 kB of headers', `${GET}a: ${'x'.repeat(20_000)}\r\n\r\n`, '431 HEADERS_TOO_LARGE'],
  ['20 kB of address', `GET /?q=${'x'.repeat(20_000)} HTTP/1.1\r\n\r\n`, '431 HEADERS_TOO_LARGE'],
  ['nothing', '', '408 REQUEST_TIMEOUT'],
  ['half of its headers', `${GET}a: `, '408 REQUEST_TIMEOUT'],
  [
    'half of its body',
    'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{"a',
    '408 REQUEST_TIMEOUT',
  ],
])('a client that sends %s is told so, and let go', async (_what, text, expected) => {
  expect(codeIn(await client(text).heard)).toBe(expected);
});

it('a client that sends a byte now and then has no more time than others', async () => {
  const { socket, heard } = client(GET);
  const drip = setInterval(() => socket.write('x'), 10);
  const answer = await heard;
  clearInterval(drip);
  expect(codeIn(answer)).toBe('408 REQUEST_TIMEOUT');
});

it('a request of HTTP/1.1 names its host', async () => {
  const { heard, socket } = client('GET / HTTP/1.1\r\nconnection: close\r\n\r\n');
  expect(codeIn(await heard)).toBe('400 MALFORMED_REQUEST');
  socket.destroy();
  expect(await client('GET / HTTP/1.0\r\n\r\n').heard).toContain('200 OK');
});

it('what a client expects beyond 100-continue is not heeded', async () => {
  const { heard } = client(`${GET}expect: cake\r\nconnection: close\r\n\r\n`);
  expect(await heard).toContain('200 OK');
});

it('rubbish behind a whole request is never its answer', async () => {
  let answer: ServerResponse | undefined;
  handler = (_request, response) => (answer = response);
  const { heard } = client(`${GET}\r\nrubbish\r\n\r\n`);
  expect(await heard).toBe('');
  expect(answer).toBeDefined();
});

it('a client that sends ahead of its answers has no more than its share begun', async () => {
  let begun = 0;
  handler = (_request, response) => {
    begun += 1;
    setImmediate(() => response.end('done'));
  };
  const { heard } = client(`${`${GET}\r\n`.repeat(200)}${GET}connection: close\r\n\r\n`);
  const answers = (await heard).match(/HTTP\/1\.1 \d+/g) ?? [];
  expect(answers).toHaveLength(201);
  expect(answers.filter((answer) => answer.endsWith('200'))).toHaveLength(begun);
  expect(answers.filter((answer) => answer.endsWith('503'))).toHaveLength(201 - begun);
  expect(begun).toBeGreaterThanOrEqual(17);
  expect(begun).toBeLessThan(200);
  expect(
    await client(`${`${GET}\r\n`.repeat(16)}${GET}connection: close\r\n\r\n`).heard,
  ).not.toContain('503');
});

it('a client that reads nothing of a long answer is let go', async () => {
  let open: ServerResponse | undefined;
  handler = (_request, response) => {
    open = response;
    response.write(Buffer.alloc(32 * 1024 * 1024));
  };
  const { socket } = client(`${GET}\r\n`);
  socket.pause();
  await once(server, 'request');
  await once(open as ServerResponse, 'close');
  expect(open?.writableFinished).toBe(false);
});

it('further sockets than there may be are closed as they come, and the others go on', async () => {
  const { socket, heard } = client();
  await once(server, 'connection');
  const more = Array.from({ length: 50 }, () => client());
  const dropped = more.slice(limits.maxConnections - 1).map((one) => one.heard);
  expect(new Set(await Promise.all(dropped))).toEqual(new Set(['']));
  expect(load.connections).toBe(limits.maxConnections);
  socket.write(`${GET}connection: close\r\n\r\n`);
  expect(await heard).toContain('200 OK');
});

it('more requests under way than there may be are refused, but not those of operators', async () => {
  const ask = (path: string): Promise<string> =>
    client(`GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`).heard;
  load.enter();
  expect(await ask('/')).toContain('200 OK');
  load.enter();
  const refused = await ask('/api/v1/items');
  expect(codeIn(refused)).toBe('503 OVERLOADED');
  expect(refused).toContain('retry-after: 1');
  expect(() => load.enter()).toThrow('OVERLOADED');
  for (const path of ['/health/live', '/health/ready', '/metrics']) {
    expect(await ask(path)).toContain('200 OK');
  }
  load.leave();
  expect(await ask('/')).toContain('200 OK');
});
