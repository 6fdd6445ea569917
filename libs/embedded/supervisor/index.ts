export { NODE_FLAGS } from './part';
export { type Scripts } from './plan';
export { ServeProblem } from './problem';
export { readRunFile } from './run-file';
export { serve, type ServeOptions } from './serve';
