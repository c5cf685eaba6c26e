import type { Host } from '../../../drivers/host.ts'

/** The chip of QEMU's board, by its label. */
export const CHIP = '9030000.pl061'

/** What a test asks of `watch`, as its only argument. */
export interface WatchWish {
  readonly lines: readonly number[]
  /** It ends when it has seen so many, those that it heard were lost among them. */
  readonly edges: number
  /** Its loop stands still from when it watches until this file is there. */
  readonly gate?: string
}

/** What `watch` saw. */
export interface Watched {
  readonly isExact: boolean
  /** `0+` for line 0 that went high, in the order they were told. */
  readonly edges: readonly string[]
  readonly lost: number
  /** Whether each stamp is no earlier than the one before. */
  readonly isInOrder: boolean
  /** From an edge's stamp to the listener, the middle one. */
  readonly lateMs: number
}

/** What a test asks of `drive`. */
export interface DriveWish {
  readonly line: number
}

/** Both clocks of the machine. */
export const readClocks: Host['readClocks'] = () => ({
  wallMs: Date.now(),
  monoMs: Number(process.hrtime.bigint()) / 1e6
})
