import { Fault } from '../node/core/ports.ts'

/** What a driver fails with when the line to its device closes by itself. */
export const unplugged = ({
  device,
  fix = 'Plug it in again; it is taken up by itself.'
}: {
  /** What a person calls it: `scale`. */
  readonly device: string
  readonly fix?: string
}): Fault =>
  new Fault({
    code: 'device-absent',
    message: `The ${device} was unplugged.`,
    fix,
    isRetryable: true
  })
