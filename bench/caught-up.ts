import type { System } from '../test/support/system';
import { Connection } from './http-client';

/** Until the tables show what is in the log, and one receipt of a registered item more. */
export async function caughtUp({ url }: Pick<System, 'url'>, sku: string): Promise<void> {
  const connection = new Connection(new URL(url));
  const { body } = await connection.request(
    'POST',
    '/api/v1/inventory/receive',
    JSON.stringify({ sku, quantity: 1 }),
    'content-type: application/json\r\n',
  );
  const { position } = JSON.parse(body) as { position: string };
  for (;;) {
    const { status } = await connection.request(
      'GET',
      `/api/v1/stats?after=${position}&wait=10000`,
    );
    if (status === 200) break;
    if (status !== 504) throw new Error(`waiting for the tables: ${status}`);
  }
  connection.close();
}
