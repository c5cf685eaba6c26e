import type { Health } from '../../node/core/ports.ts'
import type { OpenedPrinter } from './driver.ts'

/** A stall without a printer sells all the same; receipts are then shown, not printed. */
export async function noPrinter(sentence: string): Promise<OpenedPrinter> {
  const health: Health = { name: 'printer', state: 'disabled', sentence, fix: '' }
  return {
    isNarrow: false,
    printer: {
      print: async () => ({ state: 'not-started', fault: 'offline' }),
      probe: async () => health,
      health: () => health,
      close: async () => {}
    }
  }
}
