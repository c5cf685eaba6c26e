import type { Condition, Driver, DriverContext, RunningDevice } from '../driver.ts'
import { lineClaim } from '../gpio/keys.ts'
import type { Edge, InputLines } from '../host.ts'
import { type ButtonSettings, readButton } from './settings.ts'

/** `driver = "gpio-button"`: a push button between a line and ground. */
export const gpioButton: Driver<ButtonSettings> = {
  role: 'button',
  parse: readButton,
  claims: ({ line }) => [lineClaim(line)],
  start: startButton,
  simulate: async (settings, world) => (await import('../sim/button.ts')).simButton(settings, world)
}

/** Nobody leans on a button this long. */
export const STUCK_MS = 60_000
/** A thumb manages eight presses a second; a loose contact hundreds. */
const PRESSES_A_SECOND_MAX = 10
/** A chattering contact is believed again when it was quiet for so long. */
const QUIET_MS = 1_000

async function startButton(context: DriverContext<ButtonSettings>): Promise<RunningDevice> {
  const { host, settings } = context
  const { line, bias, isActiveLow, debounceUs, asksFor } = settings
  const isChatter = chatterCheck()
  let input: InputLines | undefined
  let isPressed = false
  let stopTimer = () => {}
  const become = (isNow: boolean) => {
    stopTimer()
    if (isNow !== isPressed) context.tell({ kind: 'button', isPressed: isNow, asksFor })
    isPressed = isNow
    context.report(READY)
    if (isPressed) stopTimer = host.startTimer(STUCK_MS, () => context.report(STUCK))
  }
  const becomeAsItIs = () => become(input?.values()[0] === true)
  const chatter = () => {
    context.report(CHATTERS)
    stopTimer()
    stopTimer = host.startTimer(QUIET_MS, becomeAsItIs)
  }
  input = await host.gpio.watch(
    { consumer: `stall ${context.name}`, lines: [line], bias, isActiveLow, debounceUs },
    {
      onEdges: (edges, lost) => {
        for (const edge of edges) {
          // How it ends is looked up when it is quiet, whatever else there is of it.
          if (isChatter(edge)) return chatter()
          become(edge.isActive)
        }
        // Presses among the lost ones are past; how it is now is what counts.
        if (lost > 0) becomeAsItIs()
      },
      onGone: fault => {
        stopTimer()
        context.fail(fault)
      }
    }
  )
  becomeAsItIs()
  return {
    stop: async () => {
      stopTimer()
      input.close()
    }
  }
}

/** Whether an edge is one too many within its second. */
function chatterCheck(): (edge: Edge) => boolean {
  let second = -1
  let edges = 0
  return ({ monoUs }) => {
    const at = Math.floor(monoUs / 1_000_000)
    edges = at === second ? edges + 1 : 1
    second = at
    return edges > 2 * PRESSES_A_SECOND_MAX
  }
}

const READY: Condition = { state: 'up', sentence: 'The button works.', fix: '' }

const STUCK: Condition = {
  state: 'degraded',
  sentence: 'The button has been pressed for over a minute.',
  fix: 'Free it. If nothing holds it, look for a wire that touches another one.'
}

const CHATTERS: Condition = {
  state: 'degraded',
  sentence: 'The button chatters: its contact is loose or worn.',
  fix: 'Fasten its wires. If it goes on, set debounce_ms = 50 in stall.toml or change it.'
}
