import { type Connection, type PoolClient, Query } from 'pg';

/** COPY FROM STDIN with all data at hand: the quickest way in, from a handful of rows on. */
export function copyIn(client: PoolClient, sql: string, data: string): Promise<void> {
  return new Promise((resolve, reject) => {
    client.query(new CopyIn(sql, data, (error) => (error ? reject(error) : resolve())));
  });
}

/** The parts of the connection that a COPY needs and the type declarations leave out. */
interface CopyConnection {
  query(sql: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

/** Sends the data right behind the statement: a server that refuses the statement passes over them. */
class CopyIn extends Query {
  constructor(
    private readonly sql: string,
    private readonly data: string,
    done: (error: Error | undefined) => void,
  ) {
    super(sql, done);
  }

  override submit = (connection: Connection): void => {
    const server = connection as unknown as CopyConnection;
    server.query(this.sql);
    server.sendCopyFromChunk(Buffer.from(this.data));
    server.endCopyFrom();
  };

  /** The driver calls it when the server asks for the data, which are on their way. */
  handleCopyInResponse(): void {}
}
