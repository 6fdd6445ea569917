import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { completed, type OpenApi, type RawDocument } from './openapi-document';
import { REFERENCE_PAGE } from './reference-page';

/** Swagger UI's own files, as far as a page needs them. */
const ASSETS: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css',
  'swagger-ui-bundle.js': 'text/javascript',
  'favicon-32x32.png': 'image/png',
};

const SWAGGER_PAGE = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Lotstream API</title>
<link rel="icon" href="/docs/favicon-32x32.png"><link rel="stylesheet" href="/docs/swagger-ui.css"></head>
<body><div id="ui"></div><script src="/docs/swagger-ui-bundle.js"></script>
<script>SwaggerUIBundle({ url: '/openapi.json', dom_id: '#ui', deepLinking: true })</script></body></html>`;

/** /openapi.json from the DTOs and routes, Swagger UI at /docs, a reading page at /redoc. */
export function serveDocumentation(app: NestFastifyApplication): void {
  const server = app.getHttpAdapter().getInstance();
  const assets = dirname(require.resolve('swagger-ui-dist/package.json'));
  let document: string | undefined;
  const html = (reply: FastifyReply, page: string): FastifyReply =>
    reply.header('content-type', 'text/html; charset=utf-8').send(page);
  server.get('/openapi.json', (_request, reply) => {
    document ??= JSON.stringify(openApiOf(app));
    void reply.header('content-type', 'application/json; charset=utf-8').send(document);
  });
  server.get('/docs', (_request, reply) => void html(reply, SWAGGER_PAGE));
  server.get('/redoc', (_request, reply) => void html(reply, REFERENCE_PAGE));
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
  items: 'The catalogue.',
  locations: 'Places that hold stock.',
  'stock levels': 'What is where, and how much of it can be promised.',
  'history and reports': 'What happened, and what it adds up to.',
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
