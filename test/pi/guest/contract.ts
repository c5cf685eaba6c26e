/**
 * Runs in the Pi: what every way to GPIO lines must do, over the kernel's own chip. The wires are
 * in the hands of the test outside, which is asked for them line by line.
 */
import { createInterface } from 'node:readline'
import { openSysfs } from '../../../drivers/gpio/sysfs.ts'
import type { Gpio, LineRef } from '../../../drivers/host.ts'
import { openMachine } from '../../../drivers/machine.ts'
import { type GpioWorld, gpioContract } from '../../contract/gpio.ts'
import { until } from '../../wait.ts'
import { CHIP, readClocks } from './wish.ts'

const isBySysfs = process.argv[2] === 'sysfs'
const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
// Between two questions there is nothing to wait for.
process.stdin.unref()

async function ask(question: string): Promise<string> {
  console.log(question)
  return (await answers.next()).value ?? ''
}

const lineOf = (offset: number) => `line ${offset} of ${CHIP}`

/** Sysfs knows no names: there a line is asked for by its number. */
const NUMBERED: GpioWorld['names'] = [lineOf(0), lineOf(1), lineOf(2), lineOf(3)]
const NAMED: GpioWorld['names'] = ['GPIO17', 'GPIO27', 'GPIO22', 'GPIO4']

const byNumber = (gpio: Gpio): Gpio => ({
  watch: (request, listener) =>
    gpio.watch({ ...request, lines: request.lines.map(numbered) }, listener),
  drive: request => gpio.drive({ ...request, line: numbered(request.line) })
})

function numbered(ref: LineRef): LineRef {
  const offset = 'name' in ref ? NUMBERED.indexOf(ref.name) : -1
  return offset < 0 ? ref : { chip: ref.chip ?? CHIP, offset }
}

const onoff = byNumber(openSysfs({ root: '/sys/class/gpio' }))
const names = isBySysfs ? NUMBERED : NAMED
const openWorld = async (): Promise<GpioWorld> => ({
  gpio: isBySysfs ? onoff : openMachine({ readClocks }).gpio,
  chip: CHIP,
  names,
  isExact: !isBySysfs,
  setInput: async (name, isHigh) =>
    void (await ask(`wire ${names.indexOf(name)} ${isHigh ? 1 : 0}`)),
  isHigh: async name => (await ask(`level ${names.indexOf(name)}`)) === '1',
  nowUs: () => readClocks().monoMs * 1_000,
  until: isTrue => until(isTrue, 10_000),
  close: async () => {}
})
gpioContract("of Debian's kernel", openWorld, { isSoldered: true })
