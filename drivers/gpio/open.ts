import { Fault } from '../../node/core/ports.ts'
import type { Gpio } from '../host.ts'

/** The best way to the lines that this machine has. */
export const openGpio = (): Gpio => ({
  watch: () => Promise.reject(missing()),
  drive: () => Promise.reject(missing())
})

const missing = () =>
  new Fault({ code: 'addon-missing', message: 'No GPIO yet.', fix: '', isRetryable: false })
