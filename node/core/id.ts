/** Sixteen random bytes as 32 hex digits. The till mints one when a basket gets its first item. */
export type Id = string & { readonly id: 'random-16' }

/** The first eight bytes of the SHA-256 of a log's public key, as 16 hex digits. */
export type LogId = string & { readonly id: 'log-8' }

/** A device's raw Ed25519 public key, as 64 hex digits: what a market knows a board by. */
export type DeviceKey = string & { readonly id: 'device-32' }

export const isId = (text: unknown): text is Id =>
  typeof text === 'string' && /^[0-9a-f]{32}$/.test(text)

export const isLogId = (text: unknown): text is LogId =>
  typeof text === 'string' && /^[0-9a-f]{16}$/.test(text)

export const isDeviceKey = (text: unknown): text is DeviceKey =>
  typeof text === 'string' && /^[0-9a-f]{64}$/.test(text)
