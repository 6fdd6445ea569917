/** Tells who waits for the figures what is being measured. */
export const say = (text: string): void => console.error(`  ${text}`);
