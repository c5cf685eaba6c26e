import * as crypto from 'node:crypto'

/** Node 20.12 got a one-shot hash that costs two thirds of a hash object; Debian 13's Node has it. */
export const sha256: (bytes: Uint8Array) => Uint8Array =
  typeof crypto.hash === 'function'
    ? bytes => crypto.hash('sha256', bytes, 'buffer')
    : bytes => crypto.createHash('sha256').update(bytes).digest()
