import type { Gpio } from '../../drivers/host.ts'
import { until } from '../wait.ts'
import type { Wires } from './gpiosim.ts'

/** What came of a burst of edges. */
export interface Flood {
  readonly told: number
  readonly lost: number
  /** How long each told edge took from the kernel's stamp to its listener. */
  readonly delaysUs: readonly number[]
  /** From the first stamp to the last edge told. */
  readonly seconds: number
}

/** Sends a burst down a line, and listens until all of it was told or is known to be lost. */
export async function flood(options: {
  readonly gpio: Gpio
  readonly wires: Wires
  readonly chip: { readonly name: string; readonly label: string }
  readonly count: number
  readonly gapUs: number
  /** How long the program is busy with other things, as soon as the burst begins. */
  readonly blockMs?: number
}): Promise<Flood> {
  const { gpio, wires, chip, count, gapUs, blockMs = 0 } = options
  const delaysUs: number[] = []
  let first = 0
  let last = 0
  let lost = 0
  const lines = await gpio.watch(
    {
      consumer: 'flood',
      lines: [{ chip: chip.label, offset: 0 }],
      bias: 'as-is',
      isActiveLow: false,
      debounceUs: 0
    },
    {
      onEdges: (edges, dropped) => {
        const nowUs = Number(process.hrtime.bigint()) / 1_000
        lost += dropped
        first ||= edges[0]?.monoUs ?? 0
        last = nowUs
        for (const { monoUs } of edges) delaysUs.push(nowUs - monoUs)
      },
      onGone: () => {}
    }
  )
  try {
    await wires.burst({ chip: chip.name, line: 0 }, { count, gapUs })
    // The other threads go on meanwhile, as a kernel would.
    if (blockMs > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, blockMs)
    await until(() => delaysUs.length + lost >= count, 30_000)
  } finally {
    lines.close()
  }
  return { told: delaysUs.length, lost, delaysUs, seconds: (last - first) / 1e6 }
}
