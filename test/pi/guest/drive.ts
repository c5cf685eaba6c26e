/** Runs in the Pi: switches a line on, and then has a bug when SIGUSR2 asks for one. */
import { openMachine } from '../../../drivers/machine.ts'
import { CHIP, type DriveWish, readClocks } from './wish.ts'

const { line }: DriveWish = JSON.parse(process.argv[2] ?? '')
const output = await openMachine({ readClocks }).gpio.drive({
  consumer: 'test',
  line: { chip: CHIP, offset: line },
  isActiveLow: false,
  safe: false
})
process.on('SIGUSR2', () => {
  throw new Error('A bug, as asked for')
})
setInterval(() => {}, 60_000)
output.set(true)
console.log('on')
