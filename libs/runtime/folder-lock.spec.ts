import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { transformSync } from '@swc/core';
import { lockFolder } from './folder-lock';

let folder: string;
let script: string;
const children: ChildProcess[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lock-'));
  await mkdir(join(folder, 'held'));
  script = join(folder, 'holder.js');
  const source = await readFile(join(__dirname, 'folder-lock.ts'), 'utf8');
  const { code } = transformSync(source, {
    swcrc: false,
    jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
    module: { type: 'commonjs' },
  });
  await writeFile(
    script,
    `${code}
    lockFolder(process.argv[2]).then(
      () => { console.log('held'); setInterval(() => {}, 1000); },
      (error) => { console.log(error.message); },
    );`,
  );
});

afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  }
  await rm(folder, { recursive: true, force: true });
});

/** Another process that tries to take the folder, and what it says. */
async function holder(dir: string): Promise<{ child: ChildProcess; said: string }> {
  const child = spawn(process.execPath, [script, dir], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const [chunk] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, said: chunk.toString().trim() };
}

async function kill(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

describe('lockFolder', () => {
  it('refuses a second lock and names the folder and the holder', async () => {
    const dir = join(folder, 'held');
    const lock = await lockFolder(dir);
    await expect(lockFolder(dir)).rejects.toThrow(`${dir} is in use by process ${process.pid}`);
    await lock.release();
  });

  it('is free again after a release, any number of times', async () => {
    const dir = join(folder, 'held');
    for (let round = 0; round < 5; round++) await (await lockFolder(dir)).release();
    expect(await readdir(dir)).toEqual(['.lock-5']);
  });

  it('is free at once after its process was killed', async () => {
    const dir = join(folder, 'held');
    const { child, said } = await holder(dir);
    expect(said).toBe('held');
    await expect(lockFolder(dir)).rejects.toThrow(`process ${child.pid}`);
    await kill(child);
    await (await lockFolder(dir)).release();
  });

  it('works for a folder whose path is longer than a socket path can be', async () => {
    const dir = join(folder, 'a'.repeat(120), 'b'.repeat(120));
    await mkdir(dir, { recursive: true });
    const { child } = await holder(dir);
    await expect(lockFolder(dir)).rejects.toThrow(`${dir} is in use by process ${child.pid}`);
    await kill(child);
    await (await lockFolder(dir)).release();
  });

  it('goes to one of many that race for the lock of a dead process', async () => {
    const dir = join(folder, 'held');
    for (let round = 0; round < 20; round++) {
      const tries = await Promise.allSettled(Array.from({ length: 16 }, () => lockFolder(dir)));
      const held = tries.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      expect(held).toHaveLength(1);
      await held[0]?.release();
    }
    const racers = await Promise.all(Array.from({ length: 6 }, () => holder(dir)));
    expect(racers.filter(({ said }) => said === 'held')).toHaveLength(1);
  });

  it('says what is wrong with a folder that is not there', async () => {
    await expect(lockFolder(join(folder, 'none'))).rejects.toThrow('it does not exist');
  });
});
