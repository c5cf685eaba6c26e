import { simGpio } from '../../drivers/sim/gpio.ts'
import { gpioContract } from '../contract/gpio.ts'
import { handTime } from '../drivers/hand.ts'

const NAMES = ['A', 'B', 'C', 'D'] as const

gpioContract('in memory', async () => {
  const time = handTime()
  let nowMs = 1_000
  const startTimer = (ms: number, run: () => void) =>
    time.startTimer(ms, () => {
      nowMs += ms
      run()
    })
  const readClocks = () => ({ wallMs: 0, monoMs: nowMs })
  const sim = simGpio({ chip: 'sim', names: NAMES, readClocks, startTimer })
  return {
    gpio: sim.gpio,
    chip: 'sim',
    names: NAMES,
    isExact: true,
    setInput: async (name, isHigh) => sim.setInput(name, isHigh),
    isHigh: async name => sim.isHigh(name),
    nowUs: () => nowMs * 1_000,
    until: async isTrue => {
      for (let steps = 0; !(await isTrue()); steps++) {
        if (steps > 1_000) throw new Error(`never: ${isTrue}`)
        await time.pass(1)
      }
    },
    unplug: async () => sim.setGone(true),
    close: async () => {}
  }
})
