export { BackOff } from './back-off';
export { Config, ConfigError, readConfig, ROLES } from './config';
export { newId, newOrderedId, sha256, uuidV5 } from './ids';
export { createLogger, type Logger } from './log';
export { RecentMap } from './recent-map';
export { Ring } from './ring';
export { onShutdown } from './shutdown';
export { lockFolder, type FolderLock } from './folder-lock';
export { weightOf } from './weight';
