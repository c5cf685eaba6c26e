import { Fault } from '../../node/core/ports.ts'
import type { CharacterDevices } from '../host.ts'

export const openCharacters = (): CharacterDevices => ({
  open: () =>
    Promise.reject(
      new Fault({ code: 'addon-missing', message: 'No addon yet.', fix: '', isRetryable: false })
    )
})
