/**
 * Runs in the Pi: what every way to GPIO lines must do, over the kernel's own chip. The wires are
 * in the hands of the test outside, which is asked for them line by line.
 */
import { createInterface } from 'node:readline'
import { openMachine } from '../../../drivers/machine.ts'
import { gpioContract } from '../../contract/gpio.ts'
import { until } from '../../wait.ts'
import { CHIP, readClocks } from './wish.ts'

const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
// Between two questions there is nothing to wait for.
process.stdin.unref()

async function ask(question: string): Promise<string> {
  console.log(question)
  return (await answers.next()).value ?? ''
}

gpioContract("of Debian's kernel", async () => ({
  gpio: openMachine({ readClocks }).gpio,
  chip: CHIP,
  names: ['GPIO17', 'GPIO27', 'GPIO22', 'GPIO4'],
  isExact: true,
  setInput: async (name, isHigh) => void (await ask(`wire ${name} ${isHigh ? 1 : 0}`)),
  isHigh: async name => (await ask(`level ${name}`)) === '1',
  nowUs: () => readClocks().monoMs * 1_000,
  until: isTrue => until(isTrue, 10_000),
  close: async () => {}
}))
