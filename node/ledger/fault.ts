import { Fault } from '../core/ports.ts'

/** What the disk said, in words for the keeper; what the disk did not say is a bug and thrown. */
export function faultOf(error: unknown): Fault {
  if (error instanceof Fault) return error
  if (error instanceof Error && 'code' in error) return diskFault(String(error.code))
  throw error
}

export function throwFault(error: unknown): never {
  throw faultOf(error)
}

export function diskFault(code: string): Fault {
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new Fault({
      code: 'disk-full',
      message: 'The disk is full.',
      fix: 'Nothing can be booked until some space on the card is free; then try once more.',
      isRetryable: true
    })
  }
  return new Fault({
    code: 'disk-failed',
    message: `The disk did not take a write (${code}).`,
    fix: 'Try once more. If it happens again, replace the card soon: it may be worn out.',
    isRetryable: true
  })
}
