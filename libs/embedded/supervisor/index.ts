export { type Scripts } from './plan';
export { ServeProblem } from './problem';
export { serve, type ServeOptions } from './serve';
