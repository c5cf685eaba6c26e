import * as crypto from 'node:crypto'

/**
 * Node 20.12 got a one-shot hash that costs two thirds of a hash object; Debian 13's Node has it.
 * Taken as text and copied, for a buffer that is made in native code costs more than the hash.
 */
export const sha256: (bytes: Uint8Array) => Uint8Array =
  typeof crypto.hash === 'function'
    ? bytes => Buffer.from(crypto.hash('sha256', bytes, 'binary'), 'latin1')
    : bytes => crypto.createHash('sha256').update(bytes).digest()
