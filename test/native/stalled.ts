import { openCharacters } from '../../drivers/native/characters.ts'
import { openPty } from './pty.ts'

const PARCEL = Buffer.alloc(60_000, 0x41)

/** Opens a device that takes nothing more and has bytes for it waiting: the worst way to end. */
export async function stallDevice(): Promise<void> {
  const pty = openPty()
  pty.setStalled(true)
  const listener = { onBytes: () => {}, onClose: () => {} }
  const line = await openCharacters().open({ path: pty.path, access: 'both' }, listener)
  line.write(PARCEL).catch(() => {})
}

/** As above, and its bytes make a driver throw. */
export async function throwOnBytes(): Promise<void> {
  const pty = openPty()
  const onBytes = () => {
    throw new Error('thrown on bytes')
  }
  const listener = { onBytes, onClose: () => {} }
  await openCharacters().open({ path: pty.path, access: 'both' }, listener)
  pty.send('x')
}
