import { type Connection, escapeLiteral, type PoolClient, Query } from 'pg';

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

/**
 * The rows of a statement, each value as PostgreSQL itself holds it. For large ones: as text they would go through the driver
 * piece by piece. The values are written into the statement, where `$1` stands for the first.
 */
export async function copyOut(
  client: PoolClient,
  sql: string,
  values: readonly string[],
): Promise<(Buffer | null)[][]> {
  const query = sql.replace(/\$(\d+)/g, (_, n: string) => escapeLiteral(values[Number(n) - 1]!));
  const pieces = await new Promise<Buffer[]>((resolve, reject) => {
    const copy = new CopyOut(`COPY (${query}) TO STDOUT (FORMAT binary)`, (error) =>
      error ? reject(error) : resolve(copy.pieces),
    );
    client.query(copy);
  });
  return rowsOf(Buffer.concat(pieces));
}

class CopyOut extends Query {
  readonly pieces: Buffer[] = [];

  constructor(
    private readonly sql: string,
    done: (error: Error | undefined) => void,
  ) {
    super(sql, done);
  }

  override submit = (connection: Connection): void => {
    (connection as unknown as CopyConnection).query(this.sql);
  };

  /** The driver writes what comes next into the same memory. */
  handleCopyData({ chunk }: { readonly chunk: Buffer }): void {
    this.pieces.push(Buffer.from(chunk));
  }
}

/** Signature and flags; then the length of a part for which there is no use yet. */
const FIXED_HEADER_BYTES = 15;
const END_OF_ROWS = -1;
const NULL_LENGTH = -1;

/** https://www.postgresql.org/docs/current/sql-copy.html, "Binary Format" */
function rowsOf(bytes: Buffer): (Buffer | null)[][] {
  const rows: (Buffer | null)[][] = [];
  let at = FIXED_HEADER_BYTES + 4 + bytes.readInt32BE(FIXED_HEADER_BYTES);
  for (;;) {
    const fields = bytes.readInt16BE(at);
    at += 2;
    if (fields === END_OF_ROWS) return rows;
    const row: (Buffer | null)[] = [];
    for (let n = 0; n < fields; n += 1) {
      const length = bytes.readInt32BE(at);
      at += 4;
      if (length === NULL_LENGTH) row.push(null);
      else {
        row.push(bytes.subarray(at, at + length));
        at += length;
      }
    }
    rows.push(row);
  }
}
