import Ajv from 'ajv/dist/2020';
import { curlLine, type RawAnswer, RawConnection } from '../fuzz/client';
import { nameOf, operationsOf, type Schema } from '../fuzz/document';
import { type HostileRequest, hostileRequestsOf } from '../fuzz/hostile-requests';
import { eventsByCorrelation } from '../fuzz/log';
import { judge } from '../fuzz/oracle';
import { createWorld } from '../fuzz/world';
import { Api } from '../support/http';
import type { ApiContract } from '../support/openapi';
import { System } from '../support/system';

/** Every hostile value in every field of every command and query, out of the served document: a new field is in it by itself. */
const LIMIT_MS = 600_000;

const ajv = new Ajv({ strict: false, validateFormats: false });
const fits = (schema: Schema, value: unknown): boolean => ajv.validate(schema, value);

let system: System;
let contract: ApiContract;
let requests: readonly HostileRequest[];
const complaints: string[] = [];
const sent = { refused: 0, accepted: 0 };

beforeAll(async () => {
  system = await System.start();
  await createWorld(system.url);
  contract = await new Api(system.url).openApi();
  requests = operationsOf(contract).flatMap((operation) => hostileRequestsOf(operation, fits));
  const left = [...requests];
  const line = async (): Promise<void> => {
    const connection = new RawConnection(new URL(system.url));
    for (let request = left.pop(); request; request = left.pop()) await check(connection, request);
    connection.close();
  };
  await Promise.all(Array.from({ length: 8 }, line));
}, LIMIT_MS);
afterAll(() => system.stop());

async function check(connection: RawConnection, request: HostileRequest): Promise<void> {
  const answer = await connection.send(request).catch((error: Error) => error);
  const complaint = answer instanceof Error ? answer.message : complaintOf(request, answer);
  if (complaint === undefined) return;
  const { intent, operation } = request;
  complaints.push(`${nameOf(operation)} ${intent}: ${complaint}\n${curlLine(system.url, request)}`);
}

function complaintOf(request: HostileRequest, answer: RawAnswer): string | undefined {
  const { complaint } = judge(contract, request, answer);
  if (complaint !== undefined) return `${complaint}: ${answer.body.toString().slice(0, 300)}`;
  const { field: hostile, told } = judged(request, answer);
  if (told.status < 400) {
    sent.accepted += 1;
    return request.mustBeRefused ? `answered with ${told.status}` : undefined;
  }
  sent.refused += 1;
  const { code, errors = [] } = told.body;
  if (code !== 'VALIDATION_FAILED') return undefined;
  const expected = hostile.replace(/\[.*/, '').toLowerCase();
  const named = errors.some(({ field }) => field.toLowerCase().startsWith(expected));
  return named ? undefined : `names ${errors.map(({ field }) => field).join(', ')} instead`;
}

interface Told {
  readonly status: number;
  readonly body: { readonly code: string; readonly errors?: { readonly field: string }[] };
}

/** A movement in a list is judged for itself. */
function judged(
  { field }: HostileRequest,
  { status, body }: RawAnswer,
): { readonly field: string; readonly told: Told } {
  const told = { status, body: JSON.parse(body.toString() || '{}') as Told['body'] };
  const [result] = (told.body as { readonly results?: readonly Told[] }).results ?? [];
  return result ? { field: field.replace('movements[0].', ''), told: result } : { field, told };
}

it('given every field and parameter, when it is hostile, then it is refused by its name or taken as it is', () => {
  expect(complaints.slice(0, 20)).toEqual([]);
});

it('then all operations were tried, some thousand requests of them, most of them refused', () => {
  const tried = new Set(requests.map(({ operation }) => nameOf(operation)));
  expect(tried.size).toBeGreaterThan(25);
  expect(requests.length).toBeGreaterThan(5_000);
  expect(sent.refused).toBeGreaterThan(sent.accepted);
  expect(sent.accepted).toBeGreaterThan(500);
});

it('then nothing of it is in the log', async () => {
  const found = [...(await eventsByCorrelation(system.eventstoreUrl)).keys()];
  expect(found.filter((id) => id.startsWith('hostile'))).toEqual([]);
});
