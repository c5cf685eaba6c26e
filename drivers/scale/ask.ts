import type { WeightReading } from '../../node/core/device.ts'
import { Fault } from '../../node/core/ports.ts'
import type { Condition, DriverContext, RunningDevice } from '../driver.ts'
import type { Line } from '../line.ts'
import { unplugged } from '../unplugged.ts'
import type { ReplyReader, ScaleReply } from './reply.ts'
import type { ScaleSettings } from './settings.ts'

/** The slowest scale that we read of answers within half a second. */
export const ANSWER_MS_MAX = 1_000
/** So many unanswered questions in a row, and the scale is taken to be off. */
const MISSED_MAX = 3
/** A byte that a mobile phone disturbed is no reason to worry anybody. */
const NOISE_MAX = 3
/** Taring takes a second or two. */
const BUSY_MAX = 12

/**
 * Asks a scale for its weight, one question at a time. A scale that is switched off keeps its line
 * open, so silence is said and the asking goes on: it comes back by itself.
 */
export async function askScale(options: {
  readonly context: DriverContext<ScaleSettings>
  readonly question: string
  readonly openReader: () => ReplyReader
}): Promise<RunningDevice> {
  const { context } = options
  const { host, settings } = context
  const asking: Asking = {
    context,
    question: Buffer.from(options.question, 'latin1'),
    line: undefined,
    stopTimer: () => {},
    isWaiting: false,
    isUnsent: false,
    hasHeard: false,
    inARow: { kind: 'weight', count: 0 },
    weight: undefined
  }
  const read = options.openReader()
  const line = await host.serial.open(settings, {
    onBytes: bytes => {
      asking.hasHeard = true
      for (const reply of read(bytes)) hear(asking, reply)
    },
    onClose: () => {
      asking.stopTimer()
      context.fail(unplugged(UNPLUGGED))
    }
  })
  asking.line = line
  ask(asking)
  return {
    stop: async () => {
      asking.stopTimer()
      asking.line = undefined
      line.close()
    }
  }
}

interface Asking {
  readonly context: DriverContext<ScaleSettings>
  readonly question: Uint8Array
  line: Line | undefined
  stopTimer: () => void
  /** A question is out. */
  isWaiting: boolean
  /** The port has not taken the question yet. */
  isUnsent: boolean
  /** Bytes came since, though they may be no answer. */
  hasHeard: boolean
  inARow: { readonly kind: ScaleReply['reply']; readonly count: number }
  /** The last that was told. */
  weight: WeightReading | undefined
}

function ask(asking: Asking): void {
  const { context, line, question } = asking
  if (line === undefined) return
  asking.isWaiting = true
  asking.isUnsent = true
  asking.hasHeard = false
  const isSent = () => {
    asking.isUnsent = false
  }
  // Why a write failed is told by onClose, which always comes.
  line.write(question).then(isSent, isSent)
  asking.stopTimer = context.host.startTimer(ANSWER_MS_MAX, () => {
    if (asking.isUnsent) return context.fail(stuck())
    judge(asking, { reply: asking.hasHeard ? 'noise' : 'none' })
    ask(asking)
  })
}

function hear(asking: Asking, reply: ScaleReply): void {
  judge(asking, reply)
  if (!asking.isWaiting) return
  const { host, settings, stretch } = asking.context
  asking.isWaiting = false
  asking.stopTimer()
  asking.stopTimer = host.startTimer(settings.intervalMs * stretch(), () => ask(asking))
}

function judge(asking: Asking, reply: ScaleReply | { readonly reply: 'none' }): void {
  const { context, inARow } = asking
  // Silence and noise are one trouble: noise may cover an answer, and swallow the next.
  const kind = reply.reply === 'none' ? 'noise' : reply.reply
  const count = inARow.kind === kind ? inARow.count + 1 : 1
  asking.inARow = { kind, count }
  if (reply.reply === 'weight') {
    const { milligrams, isStable } = reply
    tell(asking, { kind: 'weight', milligrams, isStable })
    context.report({ state: 'up', sentence: 'The scale works.', fix: '' })
    return
  }
  // Nothing may be sold by a weight that the scale does not show any more.
  if (asking.weight !== undefined) tell(asking, { ...asking.weight, isStable: false })
  if (reply.reply === 'noise' && count < NOISE_MAX) return
  if (reply.reply === 'busy' && count < BUSY_MAX) return
  const isSlow = reply.reply === 'none' && count < MISSED_MAX
  context.report(isSlow ? SLOW : CONDITIONS[reply.reply])
}

/** When it changes. */
function tell(asking: Asking, weight: WeightReading): void {
  const { weight: last, context } = asking
  if (last?.milligrams === weight.milligrams && last.isStable === weight.isStable) return
  asking.weight = weight
  context.tell(weight)
}

const SLOW: Condition = {
  state: 'degraded',
  sentence: 'The scale is slow to answer.',
  fix: 'Wait a moment. If it stays so, check its cable.'
}

const CONDITIONS: Readonly<Record<Exclude<ScaleReply['reply'], 'weight'> | 'none', Condition>> = {
  none: {
    state: 'down',
    sentence: 'The scale does not answer.',
    fix: "Switch it on and check its cable. If it stays so, compare driver, baud, data_bits and \
parity in stall.toml with the scale's own menu."
  },
  noise: {
    state: 'degraded',
    sentence: 'The scale sends what nobody can read.',
    fix: "Compare driver, baud, data_bits and parity in stall.toml with the scale's own menu."
  },
  overload: {
    state: 'degraded',
    sentence: 'There is too much on the scale.',
    fix: 'Take something off.'
  },
  underload: {
    state: 'degraded',
    sentence: 'The scale weighs less than nothing.',
    fix: 'Put its plate back on, empty it, and press its zero key.'
  },
  busy: {
    state: 'degraded',
    sentence: 'The scale is busy with something else.',
    fix: 'Finish at the scale what was begun there, such as taring.'
  },
  'not-zeroed': {
    state: 'degraded',
    sentence: 'The scale was switched on with something on it.',
    fix: 'Take everything off, then switch it off and on.'
  },
  broken: {
    state: 'down',
    sentence: 'The scale says that it is broken.',
    fix: 'Switch it off and on. If it says so again, sell by the piece and have it repaired.'
  },
  'not-understood': {
    state: 'down',
    sentence: 'The scale does not know our question.',
    fix: "Choose the driver in stall.toml that the scale's own menu names: MT-SICS or NCI."
  }
}

const UNPLUGGED = {
  device: 'scale',
  fix: 'Plug it in again. Until then weigh elsewhere and type the weight.'
}

const stuck = (): Fault =>
  new Fault({
    code: 'line-stuck',
    message: 'The line to the scale takes nothing.',
    fix: 'Unplug its cable at the computer and plug it in again.',
    isRetryable: true
  })
