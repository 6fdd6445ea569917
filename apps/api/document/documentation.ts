import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { completed, type OpenApi, type RawDocument } from './openapi-document';
import { referencePage } from './reference-page';

/** Swagger UI's own files, as far as a page needs them. */
const ASSETS: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css',
  'swagger-ui-bundle.js': 'text/javascript',
  'favicon-32x32.png': 'image/png',
};

/** A page of ours: nothing in it may come from anywhere else. */
interface Page {
  readonly type: string;
  readonly policy: string;
  readonly make: (document: OpenApi) => string;
}

const HTML = 'text/html; charset=utf-8';
const PAGES: Readonly<Record<string, Page>> = {
  '/docs': {
    type: HTML,
    // Swagger UI brings small pictures as data, and styles of its own.
    policy:
      "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'",
    make: () => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Lotstream API</title>
<link rel="icon" href="/docs/favicon-32x32.png"><link rel="stylesheet" href="/docs/swagger-ui.css"></head>
<body><div id="ui"></div><script src="/docs/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script></body></html>`,
  },
  '/docs/start.js': {
    type: 'text/javascript; charset=utf-8',
    policy: "default-src 'none'",
    make: () => "SwaggerUIBundle({ url: '/openapi.json', dom_id: '#ui', deepLinking: true });",
  },
  '/redoc': {
    type: HTML,
    policy: "default-src 'none'; style-src 'unsafe-inline'",
    make: referencePage,
  },
  '/openapi.json': {
    type: 'application/json; charset=utf-8',
    policy: "default-src 'none'",
    make: (document) => JSON.stringify(document),
  },
};

/** /openapi.json from the DTOs and routes, Swagger UI at /docs, a reading page at /redoc. */
export function serveDocumentation(app: NestFastifyApplication): void {
  const server = app.getHttpAdapter().getInstance();
  const assets = dirname(require.resolve('swagger-ui-dist/package.json'));
  let document: OpenApi | undefined;
  for (const [path, { type, policy, make }] of Object.entries(PAGES)) {
    let made: string | undefined;
    server.get(path, (_request, reply) => {
      made ??= make((document ??= openApiOf(app)));
      void reply.header('content-type', type).header('content-security-policy', policy).send(made);
    });
  }
  for (const [name, type] of Object.entries(ASSETS)) {
    server.get(`/docs/${name}`, async (_request, reply) => {
      const bytes = await readFile(join(assets, name));
      return reply.header('content-type', type).header('cache-control', 'max-age=3600').send(bytes);
    });
  }
}

const DESCRIPTION =
  'Event-sourced inventory. Every command answers with a `position`; a query with `?after=<position>` shows it. ' +
  'Errors are RFC 9457 problems with a stable `code`. Quantities are numbers in the unit of the item, with at most the ' +
  'decimals that the item is registered with; in a request a decimal text is taken too. Money is a decimal text.';

const TAGS: Readonly<Record<string, string>> = {
  stock: 'Commands that move stock.',
  transfers: 'Stock on its way from one location to another.',
  items: 'The catalogue.',
  locations: 'Places that hold stock.',
  counts: 'What was counted, against the books as of then.',
  lots: 'Where lots come from, what quality control says of them, and where they are.',
  'stock levels': 'What is where, and how much of it can be promised.',
  reservations: 'Stock set aside for a demand, and what becomes of it.',
  'history and reports': 'What happened, and what it adds up to.',
  'accounting periods': 'Through which day the books are closed, and what came too late.',
  operations: 'For load balancers, monitors and the curious.',
};

/** OpenAPI 3.1, from the DTOs, the routes and what the operations say of themselves. */
export function openApiOf(app: NestFastifyApplication): OpenApi {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Lotstream')
    .setDescription(DESCRIPTION)
    .setVersion('1')
    .addServer('/')
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0');
  for (const [name, description] of Object.entries(TAGS)) config.addTag(name, description);
  return completed(SwaggerModule.createDocument(app, config.build()) as unknown as RawDocument);
}
