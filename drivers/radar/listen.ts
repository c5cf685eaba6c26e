import type { Condition, DriverContext, RunningDevice } from '../driver.ts'
import type { SerialSettings } from '../host.ts'
import { unplugged } from '../unplugged.ts'

/** A radar speaks ten times a second, whether it sees anybody or not. */
const RADAR_SILENT_MS = 3_000
const LOOK_MS = 1_000

/**
 * Listens to a radar. `read` makes frames of bytes, and how it is goes by whether frames come:
 * silence means something here, unlike with light barriers.
 */
export async function listenToRadar<Frame>(options: {
  readonly context: Pick<DriverContext<SerialSettings>, 'settings' | 'host' | 'report' | 'fail'>
  readonly read: (bytes: Uint8Array) => readonly Frame[]
  readonly onFrame: (frame: Frame) => void
  /** Whether what it says can be trusted; told when it changes. */
  readonly onTrust: (isTrusted: boolean) => void
  readonly works: string
}): Promise<RunningDevice> {
  const { context, read, onFrame, onTrust } = options
  const { settings, host, report, fail } = context
  const now = () => host.readClocks().monoMs
  const works: Condition = { state: 'up', sentence: options.works, fix: '' }
  let framedMs = now()
  let heardMs = Number.NEGATIVE_INFINITY
  let isTrusted = true
  const trust = (isNow: boolean) => {
    if (isNow === isTrusted) return
    isTrusted = isNow
    onTrust(isTrusted)
  }
  const line = await host.serial.open(settings, {
    onBytes: bytes => {
      heardMs = now()
      for (const frame of read(bytes)) {
        framedMs = heardMs
        trust(true)
        report(works)
        onFrame(frame)
      }
    },
    onClose: () => fail(unplugged({ device: 'radar' }))
  })
  const look = () => {
    stopTimer = host.startTimer(LOOK_MS, look)
    if (now() - framedMs < RADAR_SILENT_MS) return
    trust(false)
    report(now() - heardMs < RADAR_SILENT_MS ? unreadable(settings) : SILENT)
  }
  let stopTimer = host.startTimer(LOOK_MS, look)
  report(works)
  return {
    stop: async () => {
      stopTimer()
      line.close()
    }
  }
}

const SILENT: Condition = {
  state: 'degraded',
  sentence: 'The radar has said nothing for 3 s.',
  fix: 'Check its power, and that its TX goes to RX. It speaks also when nobody is there.'
}

const unreadable = ({ baud }: SerialSettings): Condition => ({
  state: 'degraded',
  sentence: 'What the radar sends cannot be read. Is it the wrong baud rate?',
  fix: `Set baud in stall.toml to the speed of the radar, 256000 as it comes; it is ${baud} now.`
})
