/** What a node is for in its market: a certificate says so, and a configuration asks for it. */
export const ROLES = ['stall', 'hub', 'collector'] as const
export type Role = (typeof ROLES)[number]
