import { numberFrom } from './child.ts'
import { type Bench, interleaved, type Row } from './measure.ts'

const ROUNDS = 3
const MANY = '20'

/** What a table full of devices costs while nobody is about, beside none at all. */
export const devices: Bench = {
  name: 'devices',
  run: async () => {
    const cpu = await interleaved(ROUNDS, {
      many: () => numberFrom('idle-devices', MANY, 'percent'),
      none: () => numberFrom('idle-devices', '0', 'percent')
    })
    const heap = await interleaved(1, {
      many: () => numberFrom('idle-devices', MANY, 'megabytes'),
      none: () => numberFrom('idle-devices', '0', 'megabytes')
    })
    const row = (what: string, ours: number, unit: string, atMost: number): Row => ({
      what,
      unit,
      ours,
      target: { of: 'ours', atMost }
    })
    return [
      row('20 idle devices, simulated ones included', Math.max(0, cpu.many - cpu.none), '% CPU', 1),
      row('their memory, the drivers included', heap.many - heap.none, 'MB', 5)
    ]
  }
}
