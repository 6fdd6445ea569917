import { createTransformer } from '@swc/jest';
import type { SyncTransformer, TransformOptions } from '@jest/transform';
import { join } from 'node:path';
import { planted, type Planting } from '../support/planting';
import { standInFor } from './shared-packages';

interface Options {
  readonly planting?: Planting;
}

/** Plants a change while jest loads a source: nothing is written, so nothing can be left behind. */
const transformer: SyncTransformer<Options> = {
  process: (source, file, options) =>
    compiler.process(textOf(source, file, options), file, options),
  getCacheKey: (source, file, options) =>
    keyOf.call(compiler, textOf(source, file, options), file, options),
};

const compiler = createTransformer() as SyncTransformer<Options>;
const keyOf = compiler.getCacheKey!;

function textOf(source: string, file: string, options: TransformOptions<Options>): string {
  const standIn = standInFor(file);
  if (standIn !== undefined) return standIn;
  const { planting } = options.transformerConfig;
  return planting && file === join(options.config.rootDir, planting.file)
    ? planted(source, planting)
    : source;
}

export default transformer;
