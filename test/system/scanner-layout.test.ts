import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import * as assert from 'uvu/assert'
import { type KeyMap, keyMap, LAYOUTS } from '../../drivers/scanner/keys.ts'
import { suite } from '../harness.ts'

const MISSING = existsSync('/usr/bin/xkbcli') ? false : 'libxkbcommon-tools'
/** The digits' block writes digits only with NumLock, which xkb keeps apart. */
const KEYPAD: ReadonlySet<number> = new Set([
  55, 71, 72, 73, 74, 75, 76, 77, 78, 79, 80, 81, 82, 83, 98
])

suite('keyboard layouts', test => {
  for (const layout of LAYOUTS) {
    test.needs(MISSING, `"${layout}" writes what xkb's own layout writes, key by key`, () => {
      const theirs = xkbMap(layout)
      let compared = 0
      for (const [key, levels] of keyMap(layout)) {
        if (KEYPAD.has(key)) continue
        levels.forEach((written, level) => {
          // The space bar writes the same with shift, which xkb does not say twice.
          if (written === undefined || written === ' ') return
          compared += 1
          assert.is(written, theirs.get(key)?.[level], `key ${key}, level ${level}`)
        })
      }
      assert.ok(compared > 90, `${compared}`)
    })
  }
})

/** Reads a compiled keymap; its key codes are those of evdev and 8 more. */
function xkbMap(layout: string): KeyMap {
  const text = String(execFileSync('xkbcli', ['compile-keymap', '--layout', layout]))
  const named = [...text.matchAll(/<(\w+)>\s*=\s*(\d+);/g)]
  const codes = new Map(named.map(([, name, code]) => [name, Number(code) - 8]))
  const map = new Map<number, readonly (string | undefined)[]>()
  for (const [, name, body = ''] of text.matchAll(/key <(\w+)>\s*\{([^}]*)\}/g)) {
    const code = codes.get(name)
    const symbols = /(?:^|=)\s*\[([^\]]*)\]/.exec(body)?.[1]
    if (code === undefined || symbols === undefined) continue
    map.set(
      code,
      symbols.split(',').map(symbol => characterOf(symbol.trim()))
    )
  }
  return map
}

const characterOf = (symbol: string): string | undefined =>
  symbol.length === 1 ? symbol : CHARACTERS[symbol]

/** Names of keysyms (X11/keysymdef.h). */
const CHARACTERS: Readonly<Record<string, string>> = {
  ...{ exclam: '!', at: '@', numbersign: '#', dollar: '$', percent: '%', asciicircum: '^' },
  ...{ ampersand: '&', asterisk: '*', parenleft: '(', parenright: ')', minus: '-' },
  ...{ underscore: '_', equal: '=', plus: '+', bracketleft: '[', bracketright: ']' },
  ...{ braceleft: '{', braceright: '}', semicolon: ';', colon: ':', apostrophe: "'" },
  ...{ quotedbl: '"', grave: '`', asciitilde: '~', backslash: '\\', bar: '|', comma: ',' },
  ...{ period: '.', slash: '/', less: '<', greater: '>', question: '?', ssharp: 'ß' },
  ...{ section: '§', degree: '°', EuroSign: '€', mu: 'µ', twosuperior: '²', threesuperior: '³' },
  ...{ udiaeresis: 'ü', Udiaeresis: 'Ü', odiaeresis: 'ö', Odiaeresis: 'Ö' },
  ...{ adiaeresis: 'ä', Adiaeresis: 'Ä' }
}
