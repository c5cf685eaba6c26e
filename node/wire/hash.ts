import { hash } from 'node:crypto'

/**
 * The one-shot hash costs two thirds of a hash object. It is taken as text and copied, for a buffer
 * that is made in native code costs more than the hash itself.
 */
export const sha256 = (bytes: Uint8Array): Uint8Array =>
  Buffer.from(hash('sha256', bytes, 'binary'), 'latin1')
