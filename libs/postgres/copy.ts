import type { Connection, PoolClient, Submittable } from 'pg';

/** COPY FROM STDIN with all data at hand: the quickest way in, from a handful of rows on. */
export function copyIn(client: PoolClient, sql: string, data: string): Promise<void> {
  return new Promise((resolve, reject) => {
    client.query(new CopyIn(sql, data, resolve, reject));
  });
}

/** The parts of the connection that a COPY needs and the type declarations leave out. */
interface CopyConnection {
  query(sql: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

/** What the driver calls on the query whose turn it is. */
class CopyIn implements Submittable {
  constructor(
    private readonly sql: string,
    private readonly data: string,
    private readonly resolve: () => void,
    private readonly reject: (error: unknown) => void,
  ) {}

  submit(connection: Connection): void {
    (connection as unknown as CopyConnection).query(this.sql);
  }

  handleCopyInResponse(connection: CopyConnection): void {
    connection.sendCopyFromChunk(Buffer.from(this.data));
    connection.endCopyFrom();
  }

  handleError(error: unknown): void {
    this.reject(error);
  }

  handleCommandComplete(): void {
    // The answer that counts is the one after it.
  }

  handleReadyForQuery(): void {
    this.resolve();
  }
}
