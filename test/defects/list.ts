import { appending } from './appending';
import type { Defect } from './defect';

/** Every defect that the event node's tests must catch. */
export const DEFECTS: readonly Defect[] = [...appending];
