/** Hands the defect on to the processes that a check starts. */
export const DEFECT_VARIABLE = 'LOTSTREAM_PLANTED_DEFECT';
