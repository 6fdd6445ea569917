/** Movements of one request, each of the next SKU. */
export const LIST = 50;
