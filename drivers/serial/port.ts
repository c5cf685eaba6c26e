import { Fault } from '../../node/core/ports.ts'
import type { SerialPorts } from '../host.ts'

export const serialPorts: SerialPorts = {
  open: () =>
    Promise.reject(
      new Fault({ code: 'addon-missing', message: 'No serial yet.', fix: '', isRetryable: false })
    )
}
