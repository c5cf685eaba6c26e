import { Fault } from '../../node/core/ports.ts'
import { within } from '../deadline.ts'
import type { Driver, DriverContext, RunningDevice } from '../driver.ts'
import { startBlinking } from './blink.ts'
import { LED_FOLDER, readSysfsLed, type SysfsLedSettings } from './settings.ts'

/** `driver = "sysfs-led"`: a light of the board itself. */
export const sysfsLed: Driver<SysfsLedSettings> = {
  role: 'led',
  parse: readSysfsLed,
  claims: ({ led }) => [`${LED_FOLDER}/${led}`],
  start: startLed,
  simulate: async (settings, world) => (await import('../sim/led.ts')).simSysfsLed(settings, world)
}

/** The kernel takes a number at once, unless the light hangs on a bus that hangs. */
const WRITE_MS_MAX = 1_000

async function startLed(context: DriverContext<SysfsLedSettings>): Promise<RunningDevice> {
  const { files, startTimer } = context.host
  const { led } = context.settings
  const folder = `${LED_FOLDER}/${led}`
  const trigger = await files.read(`${folder}/trigger`)
  const brightest = (await files.read(`${folder}/max_brightness`))?.trim()
  if (brightest === undefined) throw absent(led)
  // The trigger in brackets is the one that has the light now, such as [mmc0].
  const former = /\[([\w-]+)\]/.exec(trigger ?? '')?.[1]
  const bright = /^[1-9]\d{0,5}$/.test(brightest) ? brightest : '1'
  const put = (file: string, text: string) => files.write(`${folder}/${file}`, text)
  if (former !== undefined) await put('trigger', 'none')
  const blinking = startBlinking({
    context,
    set: async isOn => {
      const promise = put('brightness', isOn ? bright : '0').catch((fault: Fault) => fault)
      const outcome = await within({ startTimer, ms: WRITE_MS_MAX, promise })
      if (outcome !== undefined) context.fail(outcome === 'late' ? stuck(led) : outcome)
    }
  })
  return {
    stop: async () => {
      await blinking.stop()
      await put('brightness', '0')
      if (former !== undefined) await put('trigger', former)
    }
  }
}

const absent = (led: string): Fault =>
  new Fault({
    code: 'device-absent',
    message: `This machine has no light called ${led}.`,
    fix: `Set led in stall.toml to a name in ${LED_FOLDER}.`,
    isRetryable: true
  })

const stuck = (led: string): Fault =>
  new Fault({
    code: 'device-stuck',
    message: `The light ${led} takes no word.`,
    fix: 'Start the computer anew. If that does not help, choose another light in stall.toml.',
    isRetryable: true
  })
