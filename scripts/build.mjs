// Compiles the rooms into dist/ when a source is newer than its output. Types are checked by `npm run types`.
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const rooms = [
  'libs',
  'apps',
  'bench',
  'test/support',
  'test/defects',
  'test/differential',
  'test/fuzz',
  'test/simulate',
  'test/mutants',
];

async function sourcesOf(dir) {
  const entries = await readdir(dir, { withFileTypes: true, recursive: true }).catch(() => []);
  return entries
    .filter((e) => e.isFile() && e.name.endsWith('.ts') && !/\.(spec|d)\.ts$/.test(e.name))
    .map((e) => join(e.parentPath ?? e.path, e.name));
}

const modifiedAt = (path) =>
  stat(path).then(
    (s) => s.mtimeMs,
    () => 0,
  );
const outputOf = (source) => join(root, 'dist', relative(root, source)).replace(/\.ts$/, '.js');

/** Builds what is not built; answers how many files were compiled. */
export async function build() {
  const sources = (await Promise.all(rooms.map((room) => sourcesOf(join(root, room))))).flat();
  const expected = new Set(sources.map(outputOf));
  const built = await readdir(join(root, 'dist'), { withFileTypes: true, recursive: true }).catch(
    () => [],
  );
  for (const entry of built) {
    const path = join(entry.parentPath ?? entry.path, entry.name);
    if (entry.isFile() && path.endsWith('.js') && !expected.has(path)) await rm(path);
  }
  const configuredAt = await modifiedAt(join(root, '.swcrc'));
  const stale = [];
  for (const source of sources) {
    const [from, to] = await Promise.all([modifiedAt(source), modifiedAt(outputOf(source))]);
    if (to <= Math.max(from, configuredAt)) stale.push(source);
  }
  if (stale.length === 0) return 0;
  const { transformFile } = (await import('@swc/core')).default;
  await Promise.all(
    stale.map(async (source) => {
      const output = outputOf(source);
      const { code, map } = await transformFile(source, { cwd: root, sourceFileName: source });
      await mkdir(dirname(output), { recursive: true });
      await writeFile(`${output}.map`, map);
      await writeFile(output, `${code}\n//# sourceMappingURL=${output.split('/').pop()}.map\n`);
    }),
  );
  return stale.length;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  console.log(`build: ${await build()} files compiled`);
}
