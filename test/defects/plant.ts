import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { transformSync } from '@swc/core';
import { NODE_FOLDER, planted, sourceOf, type Defect } from './defect';
import { DEFECT_VARIABLE } from './variable';

/*
 * Required ahead of the program in every process that a check starts: the built file of the defect is replaced by its
 * source with the defect, compiled while it is loaded.
 */
interface Compiling {
  _compile(code: string, file: string): void;
}

const root = join(__dirname, '../../..');
const defect = JSON.parse(process.env[DEFECT_VARIABLE] ?? 'null') as Defect | null;
if (defect) {
  const target = join(root, 'dist', NODE_FOLDER, defect.file.replace(/\.ts$/, '.js'));
  const load = require.extensions['.js'];
  require.extensions['.js'] = (module, file) => {
    if (file !== target) return void load(module, file);
    const source = sourceOf(root, defect);
    const { code } = transformSync(planted(readFileSync(source, 'utf8'), defect), {
      cwd: root,
      filename: source,
    });
    (module as unknown as Compiling)._compile(code, file);
  };
}
