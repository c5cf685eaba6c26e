import { Fault } from '../../node/core/ports.ts'
import type { Damage } from '../../node/ledger/quarantine.ts'
import { joinedRecords, scan } from '../../node/ledger/record.ts'
import type { Series, Spot } from '../../node/ledger/segment.ts'
import type { Segments } from '../../node/ledger/segments.ts'

/** Calls `run` once after `ms`, in whatever time the test lives in. */
type StartTimer = (ms: number, run: () => void) => void

/**
 * A card in memory under real records and checksums. It tears the write that a crash interrupts,
 * fails writes in the middle, fills up, and changes bytes.
 */
export interface Disk {
  /** One series of segments; the same again after a crash. */
  readonly series: (name: string) => Segments
  /** Power off: what was under way is kept up to a random byte, and never answered. */
  readonly crash: () => void
  /** While full, nothing more is taken. */
  readonly fill: (isFull: boolean) => void
  /** The next write is cut short and fails. */
  readonly failNext: () => void
  /** Changes one byte of a series, if it holds any. */
  readonly rot: (name: string) => void
  readonly quarantined: () => number
}

export interface DiskOptions {
  readonly startTimer: StartTimer
  readonly random: () => number
  /** How long a durable write takes. */
  readonly writeMs: number
}

interface State extends DiskOptions {
  readonly folders: Map<string, Buffer[]>
  readonly underWay: Set<() => void>
  readonly quarantine: Damage[]
  isFull: boolean
  isFailing: boolean
}

export function openDisk(options: DiskOptions): Disk {
  const state: State = {
    ...options,
    folders: new Map(),
    underWay: new Set(),
    quarantine: [],
    isFull: false,
    isFailing: false
  }
  const below = (max: number) => Math.floor(options.random() * max)
  return {
    series: name => segmentsOf(state, name),
    crash: () => {
      for (const tear of state.underWay) tear()
      state.underWay.clear()
    },
    fill: isFull => {
      state.isFull = isFull
    },
    failNext: () => {
      state.isFailing = true
    },
    rot: name => {
      const files = state.folders.get(name) ?? []
      const file = files[below(files.length)]
      if (!file || file.length === 0) return
      const at = below(file.length)
      file[at] = (file[at] ?? 0) ^ (1 << below(8))
    },
    quarantined: () => state.quarantine.length
  }
}

function segmentsOf(state: State, name: string): Segments {
  const files = state.folders.get(name) ?? []
  state.folders.set(name, files)
  return {
    scan: async function* () {
      for (const [index, bytes] of files.entries()) {
        yield { segment: index + 1, bytes, ...scan(bytes) }
      }
    },
    read: async ({ segment, offset }, length) =>
      Buffer.from(files[segment - 1]?.subarray(offset, offset + length) ?? []),
    open: async (end, tail) => {
      const file = files[end.segment - 1]
      if (file && tail) files[end.segment - 1] = file.subarray(0, tail.from)
      return seriesOf(state, files)
    },
    setAside: async damages => {
      state.quarantine.push(...damages)
      return []
    }
  }
}

function seriesOf(state: State, files: Buffer[]): Series {
  if (files.length === 0) files.push(Buffer.alloc(0))
  let isBroken = false
  const end = (): Spot => ({ segment: files.length, offset: files.at(-1)?.length ?? 0 })
  const put = (bytes: Uint8Array) => {
    files[files.length - 1] = Buffer.concat([files.at(-1) ?? Buffer.alloc(0), bytes])
  }
  return {
    end,
    isBroken: () => isBroken,
    warning: () => undefined,
    close: async () => {},
    renew: async () => {
      if (!isBroken) return
      if (state.isFull) throw fault('disk-full')
      files.push(Buffer.alloc(0))
      isBroken = false
    },
    append: (...records) => {
      const bytes = joinedRecords(records)
      if (isBroken) return Promise.reject(fault('disk-failed'))
      if (state.isFull) return Promise.reject(fault('disk-full'))
      const tear = () => put(bytes.subarray(0, Math.floor(state.random() * bytes.length)))
      return new Promise((resolve, reject) => {
        state.underWay.add(tear)
        state.startTimer(state.writeMs, () => {
          // Gone with a crash meanwhile: whoever waited is gone too.
          if (!state.underWay.delete(tear)) return
          if (state.isFailing) {
            state.isFailing = false
            isBroken = true
            tear()
            return reject(fault('disk-failed'))
          }
          const spot = end()
          put(bytes)
          resolve(spot)
        })
      })
    }
  }
}

const fault = (code: 'disk-full' | 'disk-failed'): Fault =>
  new Fault({ code, message: 'The disk of the test said no.', fix: '', isRetryable: true })
