import { Fault } from '../../node/core/ports.ts'

/** Why a line to a simulated device cannot be had, or does not hold. */
export const simLineFault = (code: keyof typeof WORDS, path: string): Fault =>
  new Fault({
    code,
    message: `${path}: ${WORDS[code].says}.`,
    fix: WORDS[code].fix,
    isRetryable: true
  })

const WORDS = {
  'device-absent': {
    says: 'The simulated device is not plugged in',
    fix: 'Plug the simulated device in.'
  },
  'device-busy': {
    says: 'The simulated port is open already',
    fix: 'Give one of the two devices another path in stall.toml.'
  },
  'line-broken': {
    says: 'The simulated device was unplugged or closed',
    fix: 'Plug the simulated device in.'
  },
  'line-full': {
    says: 'The simulated device takes no more bytes',
    fix: 'Check that it is switched on.'
  }
} as const
