/** Of whoever writes; X-Role is set by what is in front of the api, as X-Actor is. */
export const ROLES = ['ADMIN', 'MANAGER', 'STAFF'] as const;
