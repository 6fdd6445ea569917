import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { temporaryFolder, Terminal } from '../../support/terminal';

const root = join(__dirname, '../../..');
const driver = join(__dirname, 'driver.mjs');

interface RunFile {
  readonly supervisor: number;
  readonly url: string;
  readonly parts: Readonly<Record<string, { pid: number; url: string; server?: number }>>;
}

/** A running supervisor and what its terminal shows. */
class Supervisor extends Terminal {
  constructor(
    readonly folder: string,
    env: NodeJS.ProcessEnv = {},
    command: readonly string[] = [driver],
  ) {
    super(command, { LOTSTREAM_DATA: folder, PORT: '0', LOG_LEVEL: 'silent', ...env });
  }

  async ready(): Promise<RunFile> {
    await this.shows(/Ctrl-C stops everything/);
    return this.runFile();
  }

  runFile(): RunFile {
    return JSON.parse(readFileSync(join(this.folder, 'run.json'), 'utf8')) as RunFile;
  }
}

let data: string;
const terminals: Supervisor[] = [];

beforeAll(async () => {
  await promisify(execFile)(process.execPath, [join(root, 'scripts/build.mjs')]);
});

beforeEach(() => {
  data = temporaryFolder('serve-');
});

afterEach(async () => {
  for (const terminal of terminals.splice(0)) {
    terminal.child.kill('SIGTERM');
    await terminal.exit;
  }
  await rm(data, { recursive: true, force: true });
  await rm(`${data}-2`, { recursive: true, force: true });
});

function serve(env: NodeJS.ProcessEnv = {}, folder = data, command?: string[]): Supervisor {
  const terminal = new Supervisor(folder, env, command);
  terminals.push(terminal);
  return terminal;
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    // An orphan that ended stays listed until its new parent takes notice, which in a container may be never.
    return !existsSync('/proc/self') || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
};

const pidsOf = ({ parts }: RunFile): number[] =>
  Object.values(parts).flatMap(({ pid, server }) => (server ? [pid, server] : [pid]));

async function untilGone(pids: readonly number[]): Promise<void> {
  while (pids.some(isAlive)) await pause(10);
}

const diary = async (): Promise<string[]> =>
  (await readFile(join(data, 'diary'), 'utf8')).trim().split('\n');

describe('the supervisor', () => {
  it('shows when each part is ready and where to find it', async () => {
    const terminal = serve();
    const run = await terminal.ready();
    for (const title of ['event node', 'PostgreSQL', 'api', 'projector']) {
      expect(terminal.text).toMatch(
        new RegExp(`^${title} +ready in \\d+\\.\\d s +http://127.0.0.1:`, 'm'),
      );
    }
    expect(terminal.text).toContain(`docs         ${run.url}/docs`);
    expect(Object.keys(run.parts)).toEqual(['eventstore', 'postgresql', 'api', 'projector']);
    expect((await stat(join(data, 'run.json'))).mode & 0o777).toBe(0o600);
  });

  it('stops api and projector first, then the stores, on SIGTERM', async () => {
    const terminal = serve();
    const run = await terminal.ready();
    terminal.child.kill('SIGTERM');
    expect(await terminal.exit).toBe(0);
    const order = await diary();
    expect(order.slice(0, 2).sort()).toEqual(['api', 'projector']);
    expect(order.slice(2).sort()).toEqual(['eventstore', 'postgresql']);
    expect(pidsOf(run).filter(isAlive)).toEqual([]);
    expect(existsSync(join(data, 'run.json'))).toBe(false);
  });

  it('stops by itself once what it was started for is done', async () => {
    const terminal = serve({ WHEN_READY: 'stop' });
    expect(await terminal.exit).toBe(0);
    expect(terminal.text).toMatch(/Ctrl-C stops everything[^]*stopped\n$/);
    expect((await diary()).length).toBe(4);
  });

  it('stops everything when that fails, and says why', async () => {
    const terminal = serve({ WHEN_READY: 'fail' });
    expect(await terminal.exit).toBe(1);
    expect(terminal.text).toMatch(/nothing to be done at http:\S+\n$/);
    expect((await diary()).length).toBe(4);
  });

  it('takes the echo of a Ctrl-C through npm for one, and stops cleanly', async () => {
    const terminal = serve();
    await terminal.ready();
    terminal.child.kill('SIGINT');
    await terminal.shows(/stopping/);
    terminal.child.kill('SIGINT');
    expect(await terminal.exit).toBe(0);
    expect((await diary()).length).toBe(4);
  });

  it('kills at once on a second Ctrl-C', async () => {
    const terminal = serve({ STAND_IN_API: 'stubborn' });
    const run = await terminal.ready();
    while (terminal.child.exitCode === null) {
      terminal.child.kill('SIGINT');
      await Promise.race([terminal.exit, pause(100)]);
    }
    expect(await terminal.exit).toBe(130);
    await untilGone(pidsOf(run));
  });

  it('starts a part that crashed again, on its port, and says why it crashed', async () => {
    const terminal = serve();
    const before = await terminal.ready();
    const api = before.parts.api;
    await fetch(`${api?.url}/crash`).catch(() => undefined);
    await terminal.shows(/api +ready again/);
    expect(terminal.text).toMatch(
      /api +stopped unexpectedly \(exit code 3\): asked to crash; start/,
    );
    const after = terminal.runFile().parts.api;
    expect(after?.url).toBe(api?.url);
    expect(after?.pid).not.toBe(api?.pid);
    expect((await fetch(`${after?.url}/`)).status).toBe(200);
  });

  it('ends everything when a part fails again and again', async () => {
    const terminal = serve({ STAND_IN_PROJECTOR: 'fail' });
    expect(await terminal.exit).toBe(1);
    expect(terminal.text).toMatch(/^projector does not start: the roof is on fire$/m);
    expect(terminal.text).toContain(join(data, 'logs/projector.log'));
    expect(existsSync(join(data, 'run.json'))).toBe(false);
  });

  it('does not try again what its part calls hopeless', async () => {
    const terminal = serve({ STAND_IN_API: 'hopeless' });
    expect(await terminal.exit).toBe(1);
    expect(terminal.text).toMatch(/^api does not start: no roof at all$/m);
    expect(terminal.text).not.toContain('starting it again');
  });

  it('leaves nothing behind after a kill -9, and starts again at once', async () => {
    const port = String(await freePort());
    const env = { REAL: 'postgresql', PORT: port };
    const first = serve(env);
    const run = await first.ready();
    first.child.kill('SIGKILL');
    await first.exit;
    const second = serve(env);
    const again = await second.ready();
    expect(pidsOf(run).filter(isAlive)).toEqual([]);
    expect(again.url).toBe(run.url);
    second.child.kill('SIGKILL');
    await second.exit;
    await untilGone(pidsOf(again));
  });

  it('starts again after everything was killed, PostgreSQL too', async () => {
    const first = serve({ REAL: 'postgresql' });
    const run = await first.ready();
    for (const pid of [run.supervisor, ...pidsOf(run)]) process.kill(pid, 'SIGKILL');
    await first.exit;
    const second = serve({ REAL: 'postgresql' });
    await second.ready();
    second.child.kill('SIGTERM');
    expect(await second.exit).toBe(0);
  });

  it('says which port is taken and how to choose another', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const terminal = serve({ PORT: String(port) });
    expect(await terminal.exit).toBe(1);
    expect(terminal.text).toMatch(new RegExp(`^port ${port} on 127.0.0.1 is taken .*PORT=\\d+`));
    expect(terminal.text.trim().split('\n')).toHaveLength(1);
    server.close();
  });

  it('says who uses the data folder', async () => {
    const first = serve();
    await first.ready();
    const second = serve();
    expect(await second.exit).toBe(1);
    expect(second.text).toContain(`${data} is in use by process ${first.child.pid}`);
    expect(second.text.trim().split('\n')).toHaveLength(1);
  });

  it('runs a second instance beside it with another folder and port', async () => {
    const first = serve();
    const second = serve({}, `${data}-2`);
    const [one, two] = await Promise.all([first.ready(), second.ready()]);
    expect(one.url).not.toBe(two.url);
    second.child.kill('SIGTERM');
    expect(await second.exit).toBe(0);
    expect(pidsOf(one).every(isAlive)).toBe(true);
  });

  it('starts no store that the configuration says runs elsewhere, and hides its password', async () => {
    const terminal = serve({ DATABASE_URL: 'postgres://me:secret@db.example:5432/x' });
    const run = await terminal.ready();
    expect(Object.keys(run.parts)).toEqual(['eventstore', 'api', 'projector']);
    expect(terminal.text).toMatch(/PostgreSQL +elsewhere +postgres:\/\/me@db\.example:5432\/x/);
    const said = (await (await fetch(run.url)).json()) as { database: string };
    expect(said.database).toBe('postgres://me:secret@db.example:5432/x');
  });

  it.each([
    [{ PORT: 'many' }, /^PORT must be .*3000/],
    [{ EVENTSTORE_URL: 'tcp://x' }, /^EVENTSTORE_URL must look like esdb:/],
  ])('says what is wrong with %j, without a stack trace', async (env, message) => {
    const terminal = serve(env);
    expect(await terminal.exit).toBe(1);
    expect(terminal.text).toMatch(message);
    expect(terminal.text.trim().split('\n')).toHaveLength(1);
  });

  it('says what to do when the data folder is a file', async () => {
    await writeFile(join(data, 'file'), '');
    const terminal = serve({}, join(data, 'file'));
    expect(await terminal.exit).toBe(1);
    expect(terminal.text).toMatch(/is a file; move it away/);
  });

  it('is what `inv serve` runs, with --port and --host', async () => {
    const command = [join(root, 'dist/apps/cli/main.js'), 'serve', '--port', '70000'];
    const terminal = serve({}, data, command);
    expect(await terminal.exit).toBe(1);
    expect(terminal.text).toContain('PORT must be between 0 and 65535');
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}
