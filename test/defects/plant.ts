import { join } from 'node:path';
import { plantOnLoad } from '../support/plant-on-load';
import { plantingOf, type Defect } from './defect';
import { DEFECT_VARIABLE } from './variable';

/* Required ahead of the program in every process that a check starts. */
const defect = JSON.parse(process.env[DEFECT_VARIABLE] ?? 'null') as Defect | null;
if (defect) plantOnLoad(join(__dirname, '../../..'), plantingOf(defect));
