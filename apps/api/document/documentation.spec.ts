import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { LightMyRequestResponse } from 'fastify';
import { bareApp } from '../../../test/support/openapi-document';
import { expectSame } from '../../../test/support/same';
import { openApiOf } from './documentation';
import type { OpenApi, Operation } from './openapi-document';

/** The pages about the api: whole without a network, and in step with the document. */

let app: NestFastifyApplication;
let document: OpenApi;
let operations: readonly (readonly [string, Operation])[];
beforeAll(async () => {
  app = await bareApp();
  document = openApiOf(app);
  operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(
      ([method, operation]) => [`${method.toUpperCase()} ${path}`, operation] as const,
    ),
  );
});
afterAll(() => app.close());

const get = (url: string): Promise<LightMyRequestResponse> => app.inject({ method: 'GET', url });

it.each([
  ['/docs', 'text/html'],
  ['/docs/', 'text/html'],
  ['/docs/start.js', 'text/javascript'],
  ['/docs/swagger-ui.css', 'text/css'],
  ['/docs/swagger-ui-bundle.js', 'text/javascript'],
  ['/docs/favicon-32x32.png', 'image/png'],
  ['/redoc', 'text/html'],
  ['/redoc/', 'text/html'],
  ['/openapi.json', 'application/json'],
])('%s is served as %s', async (url, type) => {
  const { statusCode, headers, body } = await get(url);
  expect([statusCode, headers['content-type']]).toEqual([200, expect.stringContaining(type)]);
  expect(body.length).toBeGreaterThan(0);
});

it('what is served is the document', async () => {
  expect((await get('/openapi.json')).json()).toEqual(JSON.parse(JSON.stringify(document)));
});

it.each(['/docs', '/redoc'])('%s loads nothing from elsewhere, and may not', async (url) => {
  const { body, headers } = await get(url);
  const policy = String(headers['content-security-policy']);
  expect(policy).toMatch(/^default-src 'none'/);
  expect(policy).not.toMatch(/https?:|\*/);
  const loaded = [...body.matchAll(/(?:src|href)="([^"#][^"]*)"/g)].map(([, address]) => address);
  for (const address of loaded) {
    expect(address).toMatch(/^\/docs\//);
    expect((await get(String(address))).statusCode).toBe(200);
  }
  // The policy forbids it: whatever stood there would not run.
  expect(body).not.toMatch(/<script>|<script [^>]*>[^<]|\son\w+=/);
});

it('the script of /docs shows the document that is served', async () => {
  const { body } = await get('/docs/start.js');
  const shown: { url: string; dom_id: string }[] = [];
  runInNewContext(body, {
    SwaggerUIBundle: (options: (typeof shown)[number]) => shown.push(options),
  });
  expect(shown).toMatchObject([{ url: '/openapi.json', dom_id: '#ui' }]);
  expect((await get('/docs')).body).toContain('id="ui"');
});

describe('/redoc', () => {
  let page: string;
  beforeAll(async () => {
    page = (await get('/redoc')).body;
  });

  it('tells of every operation, every code and every schema', () => {
    for (const [address, { operationId, summary }] of operations) {
      expect(page).toContain(`<section id="${operationId}"><h3>${summary}</h3>`);
      expect(page).toContain(`<code>${address}</code>`);
    }
    for (const name of Object.keys(document.components.schemas ?? {})) {
      expect(page).toContain(`<section id="schema-${name}">`);
    }
    expect(page).toContain('INSUFFICIENT_APPROVED_STOCK');
  });

  it('has links that lead somewhere, and nothing that could not be told', () => {
    const targets = [...page.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id);
    expect(targets.length).toBeGreaterThan(100);
    expect(targets.filter((id) => !page.includes(`id="${id}"`))).toEqual([]);
    expect(page).not.toMatch(/undefined|\[object/);
  });

  it('closes what it opens', () => {
    const open: string[] = [];
    for (const [, slash, name = ''] of page.matchAll(/<(\/?)([a-z][a-z0-9]*)[^>]*>/g)) {
      if (name === 'meta') continue;
      if (slash === '') open.push(name);
      else expectSame(open.pop(), name);
    }
    expect(open).toEqual([]);
  });
});

describe('docs/api.md', () => {
  const text = readFileSync(join(__dirname, '../../../docs/api.md'), 'utf8');

  it('names only addresses that there are', () => {
    const named = [...text.matchAll(/`(GET|POST|PATCH|PUT|DELETE) (\/[^`?\s]*)/g)];
    expect(named.length).toBeGreaterThan(10);
    const known = new Set(operations.map(([address]) => address));
    const shape = (path: string): string => path.replace(/\{\w+\}/g, '{}');
    const shapes = new Set([...known].map(shape));
    const unknown = named
      .map(([, method, path]) => `${method} ${path}`)
      .filter((one) => !shapes.has(shape(one)));
    expect(unknown).toEqual([]);
  });

  it('names every operation', () => {
    const missing = operations.filter(
      ([address]) => !text.includes(`\`${address}\``) && !text.includes(`\`${address}?`),
    );
    expect(missing.map(([address]) => address)).toEqual([]);
  });

  it('names every parameter and header that commands and answers have in common', () => {
    const { parameters = {}, headers = {} } = document.components;
    const names = [...Object.keys(parameters), ...Object.keys(headers)]
      .filter((name) => !/^(query\.(?!after|wait|limit|cursor)|path\.)/.test(name))
      .map((name) => name.replace(/^query\.|\.optional$/g, ''));
    expect(names.filter((name) => !text.includes(`\`${name}`))).toEqual([]);
  });
});
