import type { SimWorld } from '../driver.ts'
import type { LineRef } from '../host.ts'
import { type SimGpio, simGpio } from './gpio.ts'

/** A chip in memory that has the lines which a device is configured with. */
export function simWires(
  refs: readonly LineRef[],
  { readClocks, startTimer }: Pick<SimWorld, 'readClocks' | 'startTimer'>
): SimGpio & { readonly names: readonly string[] } {
  const names = refs.map(ref => ('offset' in ref ? `line ${ref.offset}` : ref.name))
  const [first] = refs
  const chip = first?.chip ?? 'simulated'
  const rows = refs.map((ref, index) => ('offset' in ref ? ref.offset : index))
  const all = Array.from({ length: Math.max(...rows) + 1 }, (_, offset) => {
    const index = rows.indexOf(offset)
    return index < 0 ? '' : (names[index] ?? '')
  })
  return { ...simGpio({ chip, names: all, readClocks, startTimer }), names }
}
