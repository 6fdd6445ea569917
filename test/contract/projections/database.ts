import { cp, rename, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { type Postgres as Server, startPostgres } from '../../../libs/embedded/postgres';
import { migrate, openPostgres, type Postgres } from '../../../libs/postgres';
import { tableOf, views } from '../../../libs/projections';
import { createLogger } from '../../../libs/runtime';
import { temporaryFolder } from '../../support/terminal';

export const logger = createLogger('test', 'silent');

/** Sockets cannot be copied. */
const COPY = {
  recursive: true,
  filter: (path: string): boolean => !/[/]\.(?:s\.PGSQL|lock)[^/]*$/.test(path),
};

/** A real PostgreSQL in a folder of its own. */
export class TestServer {
  private databases = 0;

  private constructor(
    private readonly folder: string,
    private readonly port: number,
    private server: Server,
  ) {}

  static async start(): Promise<TestServer> {
    const folder = temporaryFolder('lotstream-projections-');
    const port = await freePort();
    return new TestServer(folder, port, await startPostgres({ dataFolder: folder, logger, port }));
  }

  /** The address of a new database without tables. */
  async database(): Promise<string> {
    const name = `test_${++this.databases}`;
    const admin = await openPostgres({ url: this.server.url, logger });
    await admin.query(`CREATE DATABASE ${name}`);
    await admin.close();
    return this.server.url.replace(/[^/]+$/, name);
  }

  /** Ends every session at once and comes back on the same port. */
  async restart(meanwhile: () => Promise<void> = () => Promise.resolve()): Promise<void> {
    await this.server.stop();
    await meanwhile();
    this.server = await startPostgres({ dataFolder: this.folder, logger, port: this.port });
  }

  /** Keeps a copy of everything that is stored. */
  copy(): Promise<void> {
    return this.restart(() => cp(this.folder, `${this.folder}-copy`, COPY));
  }

  /** Puts the copy in the place of what is stored. */
  restoreCopy(): Promise<void> {
    return this.restart(async () => {
      await rm(this.folder, { recursive: true });
      await rename(`${this.folder}-copy`, this.folder);
    });
  }

  async stop(): Promise<void> {
    await this.server.stop('immediate');
    await rm(this.folder, { recursive: true, force: true });
    await rm(`${this.folder}-copy`, { recursive: true, force: true });
  }
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export async function openMigrated(url: string): Promise<Postgres> {
  const postgres = await openPostgres({ url, logger });
  await migrate(postgres);
  return postgres;
}

/** As if no projector had been at work. */
export async function emptyTables(postgres: Postgres): Promise<void> {
  await postgres.query(`TRUNCATE ${views.map((view) => `public.${tableOf(view)}`).join(', ')}`);
  await postgres.query('DELETE FROM control.checkpoints');
  await postgres.query('DELETE FROM control.projection_status');
}
