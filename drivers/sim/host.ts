import { Fault } from '../../node/core/ports.ts'
import type { Host } from '../host.ts'

/** A machine with nothing on it but the parts that a simulated device brings. */
export const simHost = (parts: Pick<Host, 'startTimer' | 'readClocks'> & Partial<Host>): Host => ({
  gpio: { watch: nothing, drive: nothing },
  serial: { open: nothing },
  characters: { open: nothing },
  files: {
    read: async () => undefined,
    list: async () => [],
    changedAt: async () => undefined,
    write: nothing
  },
  ...parts
})

const nothing = async (): Promise<never> => {
  throw new Fault({
    code: 'device-absent',
    message: 'The simulated machine has no such device.',
    fix: 'Nothing is to be done; the simulation is incomplete.',
    isRetryable: true
  })
}
