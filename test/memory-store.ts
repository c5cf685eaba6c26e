import type { Entry, EntryOf } from '../node/core/entry.ts'
import type { LogId } from '../node/core/id.ts'
import type { Store } from '../node/core/ports.ts'

/** A store whose writes end when the test says so, or fail. */
export function memoryStore() {
  const entries: Entry[] = []
  const appends: { readonly entries: readonly Entry[]; settle: (fault?: Error) => void }[] = []
  let isHeld = false
  let isBroken = false
  let logs = 1
  let size = 0
  const logOf = (number: number) => number.toString(16).padStart(16, '0') as LogId
  const store: Store = {
    end: () => ({ log: logOf(logs), seq: size }),
    append: batch =>
      new Promise((resolve, reject) => {
        const settle = (fault?: Error) => {
          if (fault) {
            isBroken = true
            return reject(fault)
          }
          entries.push(...batch)
          size += batch.length
          resolve()
        }
        appends.push({ entries: batch, settle })
        if (!isHeld) settle()
      }),
    isBroken: () => isBroken,
    renew: async () => {
      isBroken = false
      const opened: EntryOf<'logOpened'> = {
        type: 'logOpened',
        log: logOf(++logs),
        seq: 0,
        at: 0,
        stall: '12',
        counter: logs,
        bootId: 'boot',
        monoMs: 0,
        previous: null,
        deviceCertificate: new Uint8Array(),
        logCertificate: new Uint8Array(),
        wraps: []
      }
      size = 1
      entries.push(opened)
      return opened
    },
    read: async place => entries.find(entry => entry.log === place.log && entry.seq === place.seq),
    close: async () => {}
  }
  return {
    store,
    entries,
    appends,
    hold: () => {
      isHeld = true
    },
    release: () => {
      isHeld = false
    }
  }
}
