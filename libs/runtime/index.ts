export { BackOff } from './back-off';
// Read from './config' itself: that loads class-validator, which most of a process does without.
export type { Config } from './config';
export { newId, newOrderedId, sha256, uuidV5 } from './ids';
export { createLogger, type Logger } from './log';
export { RecentMap } from './recent-map';
export { Ring } from './ring';
export { ROLES } from './roles';
export { onShutdown } from './shutdown';
export { lockFolder, type FolderLock } from './folder-lock';
export { weightOf } from './weight';
