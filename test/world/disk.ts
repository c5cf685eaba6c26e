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
  /** Another card with the same on it. */
  readonly copy: () => Disk
}

export interface DiskOptions {
  readonly startTimer: StartTimer
  readonly random: () => number
  /** How long a durable write takes. */
  readonly writeMs: number
}

/** One segment file; `used` of its bytes are written. */
interface File {
  bytes: Buffer
  used: number
}

interface State extends DiskOptions {
  readonly folders: Map<string, File[]>
  readonly underWay: Set<() => void>
  readonly quarantine: Damage[]
  isFull: boolean
  isFailing: boolean
}

export const openDisk = (options: DiskOptions): Disk => diskOf(options, new Map())

function diskOf(options: DiskOptions, folders: Map<string, File[]>): Disk {
  const state: State = {
    ...options,
    folders,
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
      if (!file || file.used === 0) return
      const at = below(file.used)
      file.bytes[at] = (file.bytes[at] ?? 0) ^ (1 << below(8))
    },
    quarantined: () => state.quarantine.length,
    copy: () => {
      const copies = [...folders].map(([name, files]): [string, File[]] => [
        name,
        files.map(({ bytes, used }) => ({ bytes: Buffer.from(bytes), used }))
      ])
      return diskOf(options, new Map(copies))
    }
  }
}

function segmentsOf(state: State, name: string): Segments {
  const files = state.folders.get(name) ?? []
  state.folders.set(name, files)
  return {
    scan: async function* () {
      for (const [index, file] of files.entries()) {
        const bytes = file.bytes.subarray(0, file.used)
        yield { segment: index + 1, bytes, ...scan(bytes) }
      }
    },
    read: async ({ segment, offset }, length) => {
      const { bytes, used } = files[segment - 1] ?? newFile()
      return Buffer.from(bytes.subarray(offset, Math.min(used, offset + length)))
    },
    open: async (end, tail) => {
      const file = files[end.segment - 1]
      if (file && tail) file.used = tail.from
      return seriesOf(state, files)
    },
    setAside: async damages => {
      state.quarantine.push(...damages)
      return []
    }
  }
}

const newFile = (): File => ({ bytes: Buffer.alloc(4_096), used: 0 })

function put(file: File, bytes: Uint8Array): void {
  while (file.used + bytes.length > file.bytes.length) {
    file.bytes = Buffer.concat([file.bytes, Buffer.alloc(file.bytes.length)])
  }
  file.bytes.set(bytes, file.used)
  file.used += bytes.length
}

function seriesOf(state: State, files: File[]): Series {
  if (files.length === 0) files.push(newFile())
  let isBroken = false
  const last = (): File => files.at(-1) ?? newFile()
  const end = (): Spot => ({ segment: files.length, offset: last().used })
  return {
    end,
    isBroken: () => isBroken,
    warning: () => undefined,
    close: async () => {},
    renew: async () => {
      if (!isBroken) return
      if (state.isFull) throw fault('disk-full')
      files.push(newFile())
      isBroken = false
    },
    append: (...records) => {
      const bytes = joinedRecords(records)
      if (isBroken) return Promise.reject(fault('disk-failed'))
      if (state.isFull) return Promise.reject(fault('disk-full'))
      const keepUpTo = (length: number) =>
        put(last(), bytes.subarray(0, Math.floor(state.random() * length)))
      // A power cut may come after the last byte and before the answer.
      const tear = () => keepUpTo(bytes.length + 1)
      return new Promise((resolve, reject) => {
        state.underWay.add(tear)
        state.startTimer(state.writeMs, () => {
          // Gone with a crash meanwhile: whoever waited is gone too.
          if (!state.underWay.delete(tear)) return
          if (state.isFailing) {
            state.isFailing = false
            isBroken = true
            keepUpTo(bytes.length)
            return reject(fault('disk-failed'))
          }
          const spot = end()
          put(last(), bytes)
          resolve(spot)
        })
      })
    }
  }
}

const fault = (code: 'disk-full' | 'disk-failed'): Fault =>
  new Fault({ code, message: 'The disk of the test said no.', fix: '', isRetryable: true })
