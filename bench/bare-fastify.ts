import fastify from 'fastify';

/** What a request costs before anything is decided: JSON in, as much JSON out, in a process of its own. */

const ANSWER = {
  movements: [{ sku: 'BENCH-0001', location: 'MAIN', lotCode: null, quantity: 1, unit: 'each' }],
  position: '00000000-000000000000',
  revision: 1,
};

async function main(): Promise<void> {
  const app = fastify();
  app.post('/*', (request, reply) => {
    void reply.code(201).send({ ...ANSWER, body: request.body });
  });
  app.get('/*', () => ANSWER);
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  process.send?.({ ready: { url } });
  process.once('SIGTERM', () => void app.close().then(() => process.exit(0)));
}

void main();
