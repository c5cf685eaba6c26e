import CodepageEncoder from '@point-of-sale/codepage-encoder'
import type { CodePage } from './models.ts'

/**
 * Makes text from outside harmless: no control byte of it ever reaches a device, and nothing in it
 * turns the reading direction or hides. Space and line breaks of any kind become one space.
 */
export function cleanText(text: string): string {
  return text
    .replace(/[\t\n\v\f\r\u0085\u2028\u2029]/g, ' ')
    .replace(/\p{Cc}/gu, '')
    .normalize('NFC')
    .replace(/\p{Zs}/gu, ' ')
    .replace(INVISIBLE, '')
    .replace(/\p{Cs}/gu, '?')
}

/** Format characters (bidi marks, zero width, soft hyphen) and variation selectors. */
const INVISIBLE = /[\p{Cf}\p{Variation_Selector}]/gu

/** A stretch of text that one code page holds. */
interface Run {
  readonly page: CodePage
  readonly text: string
}

/** `onUnwritten` is told of each letter that came out as `?`. */
export type Printable = (text: string, onUnwritten?: (letter: string) => void) => string

/** Knows what a printer's own font can write. */
export interface Letters {
  /** Cleans the text; what the printer lacks is written in a simpler form, or as `?`. */
  readonly printable: Printable
  /** Whether that says the same: dashes may become hyphens, but no letter may lose its meaning. */
  readonly suffice: (text: string) => boolean
  /** Splits printable text where the code page has to change. */
  readonly runs: (text: string) => Run[]
}

export function lettersOf(pages: readonly CodePage[]): Letters {
  const pageOf = new Map<string, CodePage>()
  for (const page of pages.toReversed()) {
    for (const letter of lettersOn(page)) pageOf.set(letter, page)
  }
  const isOnPage = (letter: string) => pageOf.has(letter)
  const sayAsWell = (letter: string) =>
    [letter, ...faithfulForms(letter)].some(form => [...form].every(isOnPage))
  return {
    printable: (text, onUnwritten) => simplified(text, isOnPage, onUnwritten),
    suffice: text => [...cleanText(text)].every(sayAsWell),
    runs: text => splitRuns(text, pageOf)
  }
}

/** The text in letters that can be written, in a simpler form where it must be, or as `?`. */
export const simplified = (
  text: string,
  canWrite: (letter: string) => boolean,
  onUnwritten: (letter: string) => void = () => {}
): string =>
  Array.from(cleanText(text), letter => {
    const forms = [letter, ...faithfulForms(letter), ...simplerForms(letter)]
    const form = forms.find(form => [...form].every(canWrite))
    if (form === undefined) onUnwritten(letter)
    return form ?? '?'
  }).join('')

/**
 * The letters that a page has above its control bytes. Old pages draw `►` at 0x10 and `¶` at 0x14,
 * where a printer sees DLE DC4 and opens the drawer, and the encoder picks a letter's first place:
 * so a letter whose first place is a control byte does not count, even if it comes again higher up.
 */
function lettersOn(page: CodePage): string[] {
  const points = CodepageEncoder.getCodepoints(page.name, true)
  return points
    .filter((point, byte) => byte >= 0x20 && byte !== 0x7f && points.indexOf(point) === byte)
    .map(point => String.fromCodePoint(point))
    .filter(letter => cleanText(letter) === letter && letter !== '\ufffd')
}

function splitRuns(text: string, pageOf: ReadonlyMap<string, CodePage>): Run[] {
  const runs: { page: CodePage; text: string }[] = []
  for (const letter of text) {
    const page = pageOf.get(letter)
    if (page === undefined) throw new RangeError(`Not printable: ${JSON.stringify(letter)}`)
    const last = runs.at(-1)
    // ASCII is the same in every page, so it never asks for another one.
    if (last !== undefined && (last.page === page || letter <= '~')) last.text += letter
    else runs.push({ page, text: letter })
  }
  return runs
}

/** What says the same as a letter. */
function faithfulForms(letter: string): string[] {
  const forms = [SAME[letter] ?? '', letter.normalize('NFKC')]
  return forms.filter(form => form !== '' && form !== letter)
}

/** What a letter may be written as when nothing says the same. */
function simplerForms(letter: string): string[] {
  const base = letter.normalize('NFKD').replace(/\p{M}/gu, '')
  return [SIMPLER[letter] ?? '', base].filter(form => form !== '' && form !== letter)
}

/** Signs that other signs can stand for. */
const SAME: Readonly<Record<string, string>> = {
  œ: 'oe',
  Œ: 'OE',
  ẞ: 'SS',
  '‐': '-',
  '‑': '-',
  '‒': '-',
  '–': '-',
  '—': '-',
  '―': '-',
  '−': '-',
  '‘': "'",
  '’': "'",
  '‚': ',',
  '“': '"',
  '”': '"',
  '„': '"',
  '•': '*',
  '×': 'x',
  '→': '->',
  '§': 'Par.'
}

/** Letters that Unicode does not take apart, and the signs of money. */
const SIMPLER: Readonly<Record<string, string>> = {
  ł: 'l',
  Ł: 'L',
  đ: 'd',
  Đ: 'D',
  ħ: 'h',
  Ħ: 'H',
  ı: 'i',
  ŋ: 'ng',
  Ŋ: 'Ng',
  '₫': 'd',
  '₹': 'Rs',
  '₩': 'W',
  '₺': 'TL',
  '₽': 'RUB',
  '₱': 'P',
  '₦': 'N',
  '₪': 'ILS',
  '₴': 'UAH',
  '₸': 'KZT',
  '฿': 'B'
}
