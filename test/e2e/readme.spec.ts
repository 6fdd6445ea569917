import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { says } from '../../apps/cli/demo/step';
import { STORY } from '../../apps/cli/demo/story';
import { loadProgram } from '../../apps/cli/program';
import { Api } from '../support/http';
import { blocksIn, masked, sectionOf, type Shown, shownIn } from '../support/readme';
import { temporaryFolder, Terminal } from '../support/terminal';

/** What README.md tells a newcomer to type does what it says. */

const TEST_MS = 180_000;
const root = join(__dirname, '../..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const tour = shownIn(sectionOf(readme, 'Five minutes'));
const commands = tour.map(({ command }) => command).join('\n');
const mask = (text: string): string => masked(text, commands);

/** One bash for the whole tour, as in the reader's terminal: functions stay. */
class Bash {
  private readonly child: ChildProcessWithoutNullStreams;
  private output = '';
  private told: () => void = () => undefined;

  constructor(env: NodeJS.ProcessEnv) {
    this.child = spawn('bash', [], { cwd: root, env: { ...process.env, ...env } });
    this.child.stdout.on('data', (chunk: Buffer) => {
      this.output += chunk.toString();
      this.told();
    });
    this.child.stderr.resume();
  }

  /** What the commands write to the terminal, and the exit code of the last one. */
  async type(text: string): Promise<{ readonly output: string; readonly code: number }> {
    this.output = '';
    this.child.stdin.write(`{\n${text}\n} < /dev/null\necho "<ended with $?>"\n`);
    for (;;) {
      const end = /<ended with (\d+)>\n$/.exec(this.output);
      if (end) return { output: this.output.slice(0, end.index), code: Number(end[1]) };
      if (this.child.exitCode !== null) throw new Error(`bash ended at:\n${text}`);
      await new Promise<void>((resolve) => (this.told = resolve));
    }
  }

  end(): void {
    this.child.kill();
  }
}

describe('the five-minute tour', () => {
  const folder = temporaryFolder('lotstream-readme-');
  let system: Terminal;
  let api: Api;
  let bash: Bash;

  beforeAll(async () => {
    system = new Terminal([join(root, 'scripts/run.mjs'), 'serve'], {
      LOTSTREAM_DATA: folder,
      PORT: '0',
    });
    await system.shows(/Ctrl-C stops everything/);
    api = new Api(/^api +(http:\S+)\/api\/v1$/m.exec(system.text)?.[1] ?? '');
    // The api takes commands before it has found PostgreSQL; a reader is not that quick.
    while ((await api.get('/health/ready')).status !== 200) await pause(20);
    bash = new Bash({ LOTSTREAM_URL: api.url });
  }, TEST_MS);
  afterAll(async () => {
    bash.end();
    system.child.kill('SIGTERM');
    await system.exit;
    rmSync(folder, { recursive: true, force: true });
  }, TEST_MS);

  /** A reader takes longer than the projector; a program has to wait for it. */
  async function untilAllIsSeen(name: string): Promise<void> {
    const { body } = await api.post('/api/v1/locations', { code: name, name });
    for (const list of ['stats', 'ledger', 'audit-logs']) {
      expect((await api.after(body.position, `/api/v1/${list}`)).status).toBe(200);
    }
  }

  it('starts as the README shows', () => {
    const [start, greeting] = blocksIn(sectionOf(readme, 'Start'));
    expect(start).toEqual({ language: 'sh', text: 'npm install && npm start\n' });
    const lines = (text: string): string[] => mask(text).trim().split('\n').sort();
    expect(lines(system.text)).toEqual(lines(greeting?.text ?? ''));
  });

  it(
    'shows what the README shows, block by block',
    async () => {
      expect(tour.filter(({ output }) => output !== undefined).length).toBeGreaterThan(3);
      for (const [i, { command, output }] of tour.entries()) {
        await untilAllIsSeen(`TOUR-${i}`);
        const typed = command.replaceAll('localhost:3000', new URL(api.url).host);
        const shown = await bash.type(typed);
        expect([command, shown.code]).toEqual([command, 0]);
        if (output === undefined) expect(shown.output).not.toContain('urn:lotstream:problem');
        else expect(mask(shown.output)).toBe(mask(output));
      }
    },
    TEST_MS,
  );
});

describe('the comparison bites', () => {
  const outputs = tour.flatMap(({ output }: Shown) => (output === undefined ? [] : [output]));

  it.each(outputs)('on another word in %j', (output) => {
    expect(mask(output.replace(/[a-z]{4,}/, 'planted'))).not.toBe(mask(output));
    expect(mask(`${output}more\n`)).not.toBe(mask(output));
  });

  it.each([
    ['2025-03-03T08:00:00.000Z', '2025-03-03T08:00:01.000Z'],
    ['IODINE-65', 'IODINE-66'],
    ['2035-01-31', '2035-02-01'],
    ['ready in 0.7 s', 'ready in 7 s'],
    ['  45  ', '  44  '],
  ])('on %s', (told, other) => {
    expect(mask(told)).not.toBe(mask(other));
  });

  it.each([
    ['2026-11-21T18:38:05.370Z', '2026-11-22T01:00:00.000Z'],
    ['8b6f207b-7185', '0000207b-1'],
    ['5c2d4fb3-0ed1-4512-a014-78234fd64744', 'baa62d9b-fa24-4549-bffc-143b56a3915e'],
    ['http://127.0.0.1:3000/docs', 'http://127.0.0.1:28133/docs'],
    ['ready in 0.7 s', 'ready in 11.0 s'],
  ])('but not on %s', (told, other) => {
    expect(mask(told)).toBe(mask(other));
  });
});

describe('what the README names', () => {
  it('in the tour is what the demo tells', () => {
    const requests = [...commands.matchAll(/post (\S+) '([^']+)'([^>\n]*)/g)];
    expect(requests).toHaveLength(9);
    const steps = STORY.flatMap(({ steps }) => steps);
    for (const [line, path = '', body = '', options = ''] of requests) {
      const headers = Object.fromEntries(
        [...options.matchAll(/-H '([^:]+): ([^']+)'/g)].map(([, name, value]) => [name, value]),
      ) as Record<string, string>;
      const told = steps.some(
        (step) =>
          step.path === `/api/v1/${path}` &&
          says(step.body, JSON.parse(body) as object as never) &&
          says(step.headers ?? {}, headers),
      );
      expect([line, told]).toEqual([line, true]);
    }
  });

  const text = readme.replace(/```[^]*?```/g, '');
  const named = (pattern: RegExp, where = readme): string[] => [
    ...new Set([...where.matchAll(pattern)].map(([, name = '']) => name)),
  ];

  const files = [
    ...named(/\]\((?!https?:)([^)#]+)\)/g, text),
    ...named(/`((?:libs|apps|docs|test|scripts|bin)\/[^`* ]+|[\w.-]+\.ya?ml)`/g, text),
    ...named(/\b((?:libs|apps)\/\w+)/g),
  ];
  it.each(files)('is there: %s', (file) => {
    expect(existsSync(join(root, file))).toBe(true);
  });

  it.each(readdirSync(join(root, 'libs')))('is a room that the picture shows: libs/%s', (room) => {
    const [picture] = blocksIn(sectionOf(readme, 'The rooms'));
    expect(picture?.text).toMatch(new RegExp(`libs/${room}\\b`));
  });

  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Readonly<Record<string, string>>;
  };
  it.each(named(/npm (?:run (?:--silent )?)?(?!run\b|install\b)([a-z][\w:-]*)/g))(
    'can be run: npm run %s',
    (script) => {
      expect(Object.keys(scripts)).toContain(script);
    },
  );

  it.each(named(/inv -- ([^\n`…]+)/g))('is known to inv: %s', async (line) => {
    const words = line.trim().split(' ');
    let command = await loadProgram(words[0]);
    for (const word of words) {
      const member = command.commands.find((each) => each.name() === word);
      if (!member) break;
      command = member;
    }
    expect(command.commands.map((member) => member.name())).toEqual([]);
    const flags = command.options.map(({ long }) => long);
    expect(flags).toEqual(expect.arrayContaining(words.filter((word) => word.startsWith('--'))));
  });
});
