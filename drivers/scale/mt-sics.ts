import type { Driver } from '../driver.ts'
import { REPLY_BYTES_MAX, type ReplyReader, type ScaleReply } from './reply.ts'
import { readScale, type ScaleSettings } from './settings.ts'
import { milligramsOf } from './weight.ts'

/**
 * `driver = "scale-mt-sics"`: Mettler Toledo's standard interface command set, level 0, which
 * other makers speak too. SI asks for the weight at once, stable or not; S would wait.
 */
export const scaleMtSics: Driver<ScaleSettings> = {
  role: 'scale',
  parse: table => readScale(table, { dataBits: 8, parity: 'none' }),
  claims: ({ path }) => [path],
  start: async context =>
    (await import('./ask.ts')).askScale({ context, question: 'SI\r\n', openReader: mtSicsReader }),
  simulate: async (settings, world) =>
    (await import('../sim/scale.ts')).simScale({ settings, world, language: 'mt-sics' })
}

/** Answers are lines that end in CR LF (MT-SICS reference manual 11780711, 2.1). */
export function mtSicsReader(): ReplyReader {
  let line = ''
  return bytes => {
    const replies: ScaleReply[] = []
    for (const byte of bytes) {
      if (byte === CARRIAGE_RETURN || byte === LINE_FEED) {
        if (line !== '') replies.push(readMtSics(line))
        line = ''
      } else if (line.length < REPLY_BYTES_MAX) {
        line += String.fromCharCode(byte)
      } else {
        replies.push({ reply: 'noise' })
        line = ''
      }
    }
    return replies
  }
}

const CARRIAGE_RETURN = 0x0d
const LINE_FEED = 0x0a

/** `S S     100.00 g`: a blank, a state, a number of ten characters and a unit (manual 2.1.1). */
const WEIGHT = /^S ([SD]) ([ \d.+-]{1,12}) ([A-Za-z]{1,5}) *$/
const NO_WEIGHT = /^(?:S ([I+-])|(E[STL])) *$/

const STATES: Readonly<Record<string, ScaleReply>> = {
  I: { reply: 'busy' },
  '+': { reply: 'overload' },
  '-': { reply: 'underload' },
  // Syntax, transmission and logical error (manual 2.1.3.2).
  ES: { reply: 'not-understood' },
  ET: { reply: 'noise' },
  EL: { reply: 'not-understood' }
}

function readMtSics(line: string): ScaleReply {
  const [, state, written = '', unit = ''] = WEIGHT.exec(line) ?? []
  const milligrams = milligramsOf(written, unit)
  if (milligrams !== undefined) return { reply: 'weight', milligrams, isStable: state === 'S' }
  const [, word, error] = NO_WEIGHT.exec(line) ?? []
  return STATES[word ?? error ?? ''] ?? { reply: 'noise' }
}
