import type { DriverContext, RunningDevice } from '../driver.ts'
import { lineReader } from '../serial/lines.ts'
import { scanJudge, scannerUnplugged } from './judge.ts'
import type { LineSettings } from './settings.ts'

/** Half a line that stands so long has no end: a code takes a tenth of that at 1200 baud. */
const IDLE_MS_MAX = 5_000

/** A scanner that sends lines. Nothing is ever sent to it. */
export async function startLineScanner(
  context: DriverContext<LineSettings>
): Promise<RunningDevice> {
  const { host, settings } = context
  const judge = scanJudge({ context, way: 'serial' })
  const openReader = () => lineReader({ onLine: judge.take, onOverlong: judge.noise })
  let read = openReader()
  let stopTimer = () => {}
  const giveUp = () => {
    read = openReader()
    judge.half()
  }
  const line = await host.serial.open(settings, {
    onBytes: bytes => {
      read(bytes)
      stopTimer()
      stopTimer = isLineEnd(bytes.at(-1)) ? () => {} : host.startTimer(IDLE_MS_MAX, giveUp)
    },
    onClose: () => {
      stopTimer()
      context.fail(scannerUnplugged())
    }
  })
  judge.ready()
  return {
    stop: async () => {
      stopTimer()
      line.close()
    }
  }
}

const isLineEnd = (byte: number | undefined): boolean => byte === 0x0d || byte === 0x0a
