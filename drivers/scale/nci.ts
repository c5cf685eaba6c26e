import type { Driver } from '../driver.ts'
import { REPLY_BYTES_MAX, type ReplyReader, type ScaleReply } from './reply.ts'
import { readScale, type ScaleSettings } from './settings.ts'
import { milligramsOf } from './weight.ts'

/**
 * `driver = "scale-nci"`: the NCI protocol (also called SCP-01 or ECR) of Weigh-Tronix, Brecknell,
 * Ohaus, Adam and many cash register scales.
 */
export const scaleNci: Driver<ScaleSettings> = {
  role: 'scale',
  parse: table => readScale(table, { dataBits: 7, parity: 'even' }),
  claims: ({ path }) => [path],
  start: async context =>
    (await import('./ask.ts')).askScale({ context, question: 'W\r', openReader: nciReader }),
  simulate: async (settings, world) =>
    (await import('../sim/scale.ts')).simScale({ settings, world, language: 'nci' })
}

/** `LF xxxx.xxuu CR LF hh CR ETX` (NCI 7800 manual p. 32): ETX is the only sure end. */
export function nciReader(): ReplyReader {
  let frame = ''
  return bytes => {
    const replies: ScaleReply[] = []
    for (const byte of bytes) {
      if (byte === END_OF_TEXT) {
        replies.push(readNci(frame))
        frame = ''
      } else if (frame.length < REPLY_BYTES_MAX) {
        frame += String.fromCharCode(byte)
      } else {
        replies.push({ reply: 'noise' })
        frame = ''
      }
    }
    return replies
  }
}

const END_OF_TEXT = 0x03

/**
 * The number has as many characters as the scale's display. Some scales put an S before the
 * status bytes (Ohaus), of which there may come to be more than two.
 */
const WEIGHT = /^\n([^\r\n]{1,14}?) ?([A-Za-z]{0,2}) ?\r\nS?([0-?][0-\x7f]{1,5})\r$/
const STATUS = /^\nS?([0-?][0-\x7f]{1,5})\r$/
const UNKNOWN = /^\n\?\r$/

/** NCI 6702 manual p. 14: bits 4 and 5 are always set, so that status bytes are printable. */
const MOTION = 0x01
const MEMORY_FAULTS = 0x0c
const UNDER_CAPACITY = 0x01
const OVER_CAPACITY = 0x02
const CALIBRATION_FAULTS = 0x0c

function readNci(frame: string): ScaleReply {
  if (UNKNOWN.test(frame)) return { reply: 'not-understood' }
  const [, written = '', unit = '', status] = WEIGHT.exec(frame) ?? []
  const [first = 0, second = 0] = [...(status ?? STATUS.exec(frame)?.[1] ?? '')].map(character =>
    character.charCodeAt(0)
  )
  if (first === 0) return { reply: 'noise' }
  if ((first & MEMORY_FAULTS) !== 0 || (second & CALIBRATION_FAULTS) !== 0) {
    return { reply: 'broken' }
  }
  // The field is filled with the bars that the display shows.
  if ((second & OVER_CAPACITY) !== 0 || /^\^+$/.test(written)) return { reply: 'overload' }
  if ((second & UNDER_CAPACITY) !== 0 || /^_+$/.test(written)) return { reply: 'underload' }
  if (/^[- ]+$/.test(written)) return { reply: 'not-zeroed' }
  const milligrams = milligramsOf(written, unit)
  if (milligrams === undefined) return { reply: 'noise' }
  return { reply: 'weight', milligrams, isStable: (first & MOTION) === 0 }
}
