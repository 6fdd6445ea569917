import { transformSync } from '@swc/core';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { planted, type Planting } from './planting';

interface Compiling {
  _compile(code: string, file: string): void;
}

/** From here on the built file is replaced by its source with the change, compiled while it is loaded. */
export function plantOnLoad(root: string, planting: Planting): void {
  const source = join(root, planting.file);
  const target = join(root, 'dist', planting.file.replace(/\.ts$/, '.js'));
  const load = require.extensions['.js'];
  require.extensions['.js'] = (module, file) => {
    if (file !== target) return void load(module, file);
    const { code } = transformSync(planted(readFileSync(source, 'utf8'), planting), {
      cwd: root,
      filename: source,
    });
    (module as unknown as Compiling)._compile(code, file);
  };
}
