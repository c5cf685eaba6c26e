/** What a keyboard's key writes alone, with shift and with AltGr; `undefined` for nothing. */
export type KeyMap = ReadonlyMap<number, readonly (string | undefined)[]>

export const LAYOUTS = ['us', 'de'] as const
export type Layout = (typeof LAYOUTS)[number]

/** The codes of linux/input-event-codes.h that are no letters. */
export const KEY = {
  tab: 15,
  enter: 28,
  keypadEnter: 96,
  leftShift: 42,
  rightShift: 54,
  capsLock: 58,
  numLock: 69,
  rightAlt: 100,
  leftCtrl: 29,
  rightCtrl: 97,
  leftAlt: 56,
  leftMeta: 125,
  rightMeta: 126
} as const

/**
 * A row of keys from the first code on: what they write alone, with shift, with AltGr. A blank
 * stands for no character, and for the accents that wait for a letter; the space bar is apart.
 */
type Row = readonly [first: number, plain: string, shifted: string, third?: string]

/** Codes are places on the keyboard, so that what they write is the layout's business. */
const ROWS: Readonly<Record<Layout, readonly Row[]>> = {
  us: [
    [2, '1234567890-=', '!@#$%^&*()_+'],
    [16, 'qwertyuiop[]', 'QWERTYUIOP{}'],
    [30, "asdfghjkl;'`", 'ASDFGHJKL:"~'],
    [43, '\\zxcvbnm,./', '|ZXCVBNM<>?'],
    [86, '<', '>']
  ],
  de: [
    [2, '1234567890ß ', '!"§$%&/()=? ', ' ²³   {[]}\\ '],
    [16, 'qwertzuiopü+', 'QWERTZUIOPÜ*', '@ €        ~'],
    [30, 'asdfghjklöä ', 'ASDFGHJKLÖÄ°'],
    [43, '#yxcvbnm,.-', "'YXCVBNM;:_", '       µ   '],
    [86, '<', '>', '|']
  ]
}

/** The block of digits, which scanners use in some countries' settings. */
const KEYPAD: readonly Row[] = [
  [55, '*', '*'],
  [71, '789-456+1230.', '789-456+1230.'],
  [98, '/', '/']
]

const SPACE_BAR = 57

export function keyMap(layout: Layout): KeyMap {
  const map = new Map<number, readonly (string | undefined)[]>([[SPACE_BAR, [' ', ' ']]])
  for (const [first, ...levels] of [...KEYPAD, ...ROWS[layout]]) {
    const columns = levels.map(level => [...(level ?? '')])
    columns[0]?.forEach((_, index) => {
      const written = columns.map(column => column[index])
      map.set(
        first + index,
        written.map(character => (character === ' ' ? undefined : character))
      )
    })
  }
  return map
}
