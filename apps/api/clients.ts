import type { ServerResponse } from 'node:http';

/**
 * The clients of queries that wait for the tables. The query itself leads to its client, so that no controller has to hand
 * it on to the one place that cares.
 */
const clients = new WeakMap<object, AbortSignal>();

/** From here on the query's client is known, and aborted when it leaves before its answer. */
export function rememberClient(query: object, response: ServerResponse): void {
  const client = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) client.abort();
  });
  clients.set(query, client.signal);
}

/** The checked form of a query is of the same client. */
export function handOnClient(query: object, checked: object): void {
  const client = clients.get(query);
  if (client) clients.set(checked, client);
}

export const clientOf = (query: object): AbortSignal | undefined => clients.get(query);
