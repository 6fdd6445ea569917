import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Api } from '../support/http';
import { eventsByCorrelation } from '../fuzz/log';
import { System } from '../support/system';

/** Clients that are slow, greedy or gone: what they cost is given back, and the others are served. */

const MAX_CONNECTIONS = 400;
const MAX_IN_FLIGHT = 40;
const REQUEST_TIMEOUT_MS = 1_500;
const MEGABYTE = 1024 * 1024;

let system: System;
let api: Api;
let position: string;
const clients: Socket[] = [];

beforeAll(async () => {
  system = await System.start(undefined, {
    HTTP_MAX_CONNECTIONS: String(MAX_CONNECTIONS),
    HTTP_MAX_IN_FLIGHT: String(MAX_IN_FLIGHT),
    HTTP_REQUEST_TIMEOUT_MS: String(REQUEST_TIMEOUT_MS),
  });
  api = new Api(system.url);
  await api.post('/api/v1/items', { sku: 'A' });
  const received = await api.post('/api/v1/inventory/receive', { sku: 'A', quantity: 1_000 });
  position = received.body.position ?? '';
}, 120_000);
afterAll(() => system.stop());
afterEach(() => {
  for (const client of clients.splice(0)) client.destroy();
});

interface Load {
  readonly connections: number;
  readonly inFlight: number;
  readonly waiting: number;
  readonly memory: number;
}

async function load(): Promise<Load> {
  const text = await (await fetch(`${system.url}/metrics`)).text();
  const figure = (name: string): number =>
    Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
  return {
    connections: figure('lotstream_http_connections'),
    inFlight: figure('lotstream_http_requests_in_flight'),
    waiting: figure('lotstream_http_requests_waiting'),
    memory: figure('process_resident_memory_bytes'),
  };
}

/** Looks until it is so; jest's own limit ends what never comes. */
async function until(so: (load: Load) => boolean): Promise<void> {
  while (!so(await load()));
}

async function client(text = ''): Promise<Socket> {
  const { port, hostname } = new URL(system.url);
  const socket = connect(Number(port), hostname);
  clients.push(socket);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  if (text !== '') socket.write(text, 'latin1');
  return socket;
}

const heard = async (socket: Socket): Promise<string> => {
  let told = '';
  socket.on('data', (bytes: Buffer) => (told += bytes.toString('latin1')));
  await once(socket, 'close');
  return told;
};

const request = (method: string, path: string, headers = '', body = ''): string =>
  `${method} ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n${headers}` +
  `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

const issue = (headers: string): string =>
  request('POST', '/api/v1/inventory/issue', headers, '{"sku":"A","quantity":1}');
/** Waits for what no projector will reach. */
const waits = (): string =>
  request('GET', `/api/v1/items?wait=30000&after=${position.split('-')[0]}-999999999999`);

it('given clients that leave before their answer, when all are gone, then no query waits for them', async () => {
  const gone = await Promise.all(Array.from({ length: 15 }, () => client(waits())));
  await until(({ waiting }) => waiting === 15);
  const left = performance.now();
  for (const socket of gone) socket.destroy();
  await until(({ waiting, inFlight }) => waiting === 0 && inFlight === 0);
  // They would have waited for 30 s.
  expect(performance.now() - left).toBeLessThan(15_000);
  expect((await api.get('/api/v1/items/A')).status).toBe(200);
});

it('given as many waiting queries as there may be, when one more comes, then it is refused, and a command is not', async () => {
  await Promise.all(Array.from({ length: MAX_IN_FLIGHT / 2 }, () => client(waits())));
  await until(({ waiting }) => waiting === MAX_IN_FLIGHT / 2);
  const more = await api.get(`/api/v1/items?after=${position.split('-')[0]}-999999999999`);
  expect([more.status, more.body.code]).toEqual([503, 'OVERLOADED']);
  expect(more.headers.get('retry-after')).toBe('1');
  expect((await api.post('/api/v1/items', { sku: 'B' })).status).toBe(201);
  for (const socket of clients) socket.destroy();
  await until(({ waiting }) => waiting === 0);
});

it('given commands whose client leaves at once, when the keys are sent again, then each has happened once or not at all', async () => {
  const keys = Array.from({ length: 60 }, (_, n) => `gone-${n}`);
  await Promise.all(
    keys.map(async (key, n) => {
      const headers = `idempotency-key: ${key}\r\nx-correlation-id: ${key}\r\n`;
      const socket = await client();
      const bytes = Buffer.from(issue(headers));
      // The whole of it, all but one byte, half of it.
      const length = [bytes.length, bytes.length - 1, bytes.length >> 1][n % 3];
      socket.write(bytes.subarray(0, length), () => socket.destroy());
    }),
  );
  await until(({ connections, inFlight }) => connections <= 2 && inFlight === 0);
  for (const key of keys) {
    const body = { sku: 'A', quantity: 1 };
    const headers = { 'idempotency-key': key, 'x-correlation-id': key };
    expect((await api.post('/api/v1/inventory/issue', body, headers)).status).toBe(201);
  }
  const events = await eventsByCorrelation(system.eventstoreUrl);
  expect(keys.map((key) => events.get(key))).toEqual(keys.map(() => 1));
});

it('given clients that drip headers and bodies, when their time is up, then all are told and closed', async () => {
  const starts = ['GET / HTTP/1.1\r\nhost: x\r\nx-a: ', issue('').slice(0, -5), ''];
  const slow = await Promise.all(Array.from({ length: 60 }, (_, n) => client(starts[n % 3])));
  const answers = slow.map(heard);
  const drip = setInterval(() => {
    slow.forEach((socket, n) => n % 3 < 2 && socket.writable && socket.write(n % 3 ? ' ' : 'x'));
  }, 400);
  const told = await Promise.all(answers);
  clearInterval(drip);
  expect(told.filter((answer) => !answer.includes('"code":"REQUEST_TIMEOUT"'))).toEqual([]);
  await until(({ connections }) => connections <= 2);
});

it('given 1,000 idle sockets, when they stay, then the first are kept, the others closed, memory bounded, and a client served', async () => {
  const kept = new Api(system.url);
  const before = await load();
  const idle = await Promise.all(Array.from({ length: 1_000 }, () => client()));
  await until(({ connections }) => connections <= MAX_CONNECTIONS);
  expect((await kept.get('/api/v1/items/A')).status).toBe(200);
  expect((await load()).memory - before.memory).toBeLessThan(50 * MEGABYTE);
  for (const socket of idle) socket.destroy();
  await until(({ connections }) => connections <= 2);
});

it('given clients that leave in the middle of what they send and of what they are told, when they have, then nothing is left of them', async () => {
  const list = request('GET', '/api/v1/audit-logs?limit=500');
  const before = await load();
  for (let round = 0; round < 10; round += 1) {
    const half = request('POST', '/api/v1/items', '', `{"sku":"${'x'.repeat(60_000)}`);
    const sockets = await Promise.all(
      Array.from({ length: 30 }, (_, n) => client(n % 2 ? list : half.slice(0, 30_000))),
    );
    await Promise.all(
      sockets.map(async (socket, n) => {
        if (n % 2) await once(socket, 'data');
        socket.destroy();
      }),
    );
  }
  await until(({ connections, inFlight }) => connections <= 2 && inFlight === 0);
  expect((await load()).memory - before.memory).toBeLessThan(50 * MEGABYTE);
});

it('given a client that sends 20,000 requests and reads no answer, when it goes on, then it has no more than its share, and others are served', async () => {
  const before = await load();
  const greedy = await client();
  greedy.pause();
  greedy.write(request('GET', '/api/v1/items?limit=500').repeat(20_000));
  for (let n = 0; n < 50; n += 1) expect((await api.get('/api/v1/items/A')).status).toBe(200);
  const { memory, inFlight } = await load();
  expect(inFlight).toBeLessThan(MAX_IN_FLIGHT);
  expect(memory - before.memory).toBeLessThan(50 * MEGABYTE);
  greedy.destroy();
  await until(({ connections, inFlight: left }) => connections <= 2 && left === 0);
});

it('and the api has logged no failure of its own', () => {
  expect(system.logOf('api')).not.toMatch(/"level":(?:50|60)/);
});
