import { createTransformer } from '@swc/jest';
import type { SyncTransformer, TransformOptions } from '@jest/transform';
import { planted, sourceOf, type Defect } from './defect';
import { standInFor } from './shared-packages';

interface Options {
  readonly defect?: Defect;
}

/** Plants a defect while jest loads the node's source: nothing is written, so nothing can be left behind. */
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
  const { defect } = options.transformerConfig;
  return defect && file === sourceOf(options.config.rootDir, defect)
    ? planted(source, defect)
    : source;
}

export default transformer;
