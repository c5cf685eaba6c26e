import type { DriverContext, RunningDevice } from '../driver.ts'
import { inputEventBytes, inputEventReader } from './events.ts'
import { scanJudge, scannerUnplugged } from './judge.ts'
import { keyMap } from './keys.ts'
import type { KeyboardSettings } from './settings.ts'
import { typist } from './typing.ts'

/** A text that stands so long has no end: scanners send all of a code within a second. */
const IDLE_MS_MAX = 1_000

/** Grabs the keyboard, so that a code types itself into no console and no other window. */
export async function startKeyboard(
  context: DriverContext<KeyboardSettings>
): Promise<RunningDevice> {
  const { host, settings } = context
  const { path } = settings
  const judge = scanJudge({ context, way: 'keyboard' })
  const read = inputEventReader(inputEventBytes(process.arch))
  const typing = typist(keyMap(settings.layout))
  let stopTimer = () => {}
  const idle = () => {
    typing.giveUp()
    judge.half()
  }
  const line = await host.characters.open(
    { path, access: 'read', isGrabbed: true },
    {
      onBytes: bytes => {
        for (const event of read(bytes)) {
          const typed = typing.take(event)
          if (typed?.typed === 'half') judge.half()
          if (typed?.typed === 'text') judge.take(typed.text)
        }
        stopTimer()
        stopTimer = typing.isWriting() ? host.startTimer(IDLE_MS_MAX, idle) : () => {}
      },
      onClose: () => {
        stopTimer()
        context.fail(scannerUnplugged())
      }
    }
  )
  judge.ready()
  return {
    stop: async () => {
      stopTimer()
      line.close()
    }
  }
}
