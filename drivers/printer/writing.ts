import { Fault } from '../../node/core/ports.ts'
import type { Receipt } from '../../node/core/sell/receipt.ts'
import { within } from '../deadline.ts'
import { startTimer as realTimer, type StartTimer } from '../timer.ts'
import type { Drawing } from './drawing.ts'
import type { Font } from './font.ts'
import { lettersNote, type PrinterNotes } from './health.ts'
import type { Job } from './job.ts'
import type { PrinterModel } from './models.ts'
import type { Raster } from './raster.ts'

/**
 * Makes jobs of receipts. Never rejects: without the font or the logo a receipt looks poorer, and
 * a note says why. Everything is loaded when it is first needed: the encoder and its code pages
 * are a tenth of a start, the font is 12 MB that most stalls never use.
 */
export interface Writing {
  readonly jobFor: (receipt: Receipt) => Promise<Job>
  /** Looks for the logo, so that its fault is known before the first receipt. */
  readonly prepare: () => Promise<void>
  /** What was wrong with the newest receipt. */
  readonly notes: () => Pick<PrinterNotes, 'logo' | 'letters'>
}

export function openWriting(options: {
  readonly model: PrinterModel
  readonly logo: string | undefined
  readonly startTimer?: StartTimer
  readonly openFont?: () => Promise<Font>
  readonly openLogo?: typeof loadLogo
}): Writing {
  const { model, startTimer = realTimer, openFont = openOwnFont, openLogo = loadLogo } = options
  let notes: Pick<PrinterNotes, 'logo' | 'letters'> = {}
  let encoding: ReturnType<typeof loadEncoding> | undefined
  let drawing: Promise<Drawing | Fault> | undefined
  let logo: Promise<Raster | Fault | undefined> | undefined
  let isLogoBroken = false
  const readLogo = async () => {
    logo ??= caught(openLogo(options))
    const raster = await within({ startTimer, ms: LOGO_MS_MAX, promise: logo })
    isLogoBroken = raster instanceof Fault
    notes = { ...notes, logo: raster === 'late' ? LOGO_LATE : noteOf(raster) }
    return raster instanceof Fault || raster === 'late' ? undefined : raster
  }
  const openDrawing = async () => {
    drawing ??= caught(loadDrawing(model, openFont))
    const opened = await drawing
    // It may be there next time.
    if (opened instanceof Fault) drawing = undefined
    return opened
  }
  return {
    prepare: async () => void (await readLogo()),
    notes: () => notes,
    jobFor: async receipt => {
      encoding ??= loadEncoding(model)
      const { encodeFence, encodeReceipt, fenceId, sufficesFor, letters } = await encoding
      const drawn = sufficesFor(receipt, letters) ? undefined : await openDrawing()
      // It may be there by now.
      if (isLogoBroken) logo = undefined
      const desk = {
        model,
        letters,
        drawing: drawn instanceof Fault ? undefined : drawn,
        logo: await readLogo()
      }
      const { chunks, unwritten } = encodeReceipt(receipt, desk)
      const lettersLack = unwritten.length > 0 ? lettersNote(unwritten) : undefined
      notes = { ...notes, letters: noteOf(drawn) ?? lettersLack }
      const id = fenceId(receipt)
      return { chunks, fence: encodeFence(model.fence, id), fenceId: id }
    }
  }
}

/** It may lie on a stick that hangs, or on another computer; no receipt waits for that. */
const LOGO_MS_MAX = 1_000
const LOGO_LATE = {
  sentence: 'Receipts have no logo: reading it takes too long.',
  fix: 'Put the picture on this computer itself, beside stall.toml.'
}

const noteOf = (loaded: unknown) =>
  loaded instanceof Fault ? { sentence: loaded.message, fix: loaded.fix } : undefined

async function loadEncoding(model: PrinterModel) {
  const [encoding, { lettersOf }] = await Promise.all([import('./escpos.ts'), import('./text.ts')])
  return { ...encoding, letters: lettersOf(model.codePages) }
}

async function loadLogo(options: {
  readonly logo: string | undefined
  readonly model: PrinterModel
}): Promise<Raster | undefined> {
  if (options.logo === undefined) return undefined
  const { readLogo } = await import('./logo.ts')
  return readLogo({ path: options.logo, dots: options.model.dots })
}

async function loadDrawing(model: PrinterModel, openFont: () => Promise<Font>): Promise<Drawing> {
  const { drawingWith } = await import('./drawing.ts')
  return drawingWith(await openFont(), model)
}

const openOwnFont = async () => (await import('./font.ts')).openFont()

/** A fault as a value; anything else is a bug. */
const caught = <T>(loading: Promise<T>): Promise<T | Fault> =>
  loading.catch(error => {
    if (error instanceof Fault) return error
    throw error
  })
