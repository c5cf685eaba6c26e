import * as crypto from 'node:crypto'

/**
 * Node has a one-shot hash from 20.12 on, which costs two thirds of a hash object. It is taken as
 * text and copied, for a buffer that is made in native code costs more than the hash itself.
 */
export const sha256: (bytes: Uint8Array) => Uint8Array =
  typeof crypto.hash === 'function'
    ? bytes => Buffer.from(crypto.hash('sha256', bytes, 'binary'), 'latin1')
    : bytes => crypto.createHash('sha256').update(bytes).digest()
