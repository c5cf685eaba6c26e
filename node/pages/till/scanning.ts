import type { ReadonlySignal, Signal } from '@preact/signals'
import type { TillView } from '../../core/till.ts'
import { findBarcode } from './find.ts'
import type { Ask } from './ports.ts'
import { type Sheet, takesText } from './sheets.ts'
import type { Words } from './words.ts'

/** A receipt's code has hundreds of characters; the header has room for these. */
const CODE_SHOWN_MAX = 20

/**
 * What scanners read, this tablet's own and the stall's. Of the stall's each code goes to one till,
 * the one that was touched last: the stall says which, and a touch of another one asks for it.
 */
export function openScanning(parts: {
  /** What this till is called at the stall. */
  readonly id: string
  readonly ask: Ask
  readonly words: Words
  readonly sheet: ReadonlySignal<Sheet | null>
  readonly search: Signal<string>
  readonly view: () => TillView | null
  readonly tap: (sku: string) => void
  readonly say: (text: string, opens?: Sheet) => void
}) {
  const { id, ask, words, sheet, search, view, tap, say } = parts
  let isMine = false
  const claim = async () => {
    isMine = true
    const path = '/api/v1/scans/claim'
    const { state } = await ask({ method: 'POST', path, body: { till: id } })
    if (state !== 'done') isMine = false
  }
  return {
    scan: (code: string): void => {
      if (sheet.value && takesText(sheet.value)) {
        say(words.status.scanLater)
        return
      }
      search.value = ''
      const item = findBarcode(view()?.items ?? [], code.trim())
      if (item) tap(item.sku)
      else say(words.status.notFound(code.slice(0, CODE_SHOWN_MAX)), { name: 'open' })
    },
    touch: (): void => {
      const hasScanner = view()?.devices.some(({ role }) => role === 'scanner')
      if (hasScanner && !isMine) void claim()
    },
    onScanner: (till: string): void => {
      isMine = till === id
    }
  }
}
