import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import * as assert from 'uvu/assert'
import { inFolder } from '../folder.ts'
import { type Suite, suite } from '../harness.ts'

/**
 * Command lines as plain text: `$ ` is a line that is run in a fresh folder, below it is all that
 * the command says, and `exit` with a number where that is not 0.
 */
const SCRIPTS = readdirSync('test/script').filter(name => name.startsWith('cli-'))

const define = (test: Suite) => {
  for (const name of SCRIPTS) {
    test(name, () =>
      inFolder(async dir => {
        for (const { line, expected } of stepsOf(readFileSync(`test/script/${name}`, 'utf8'))) {
          assert.is(await said(line, dir), expected, line)
        }
      })
    )
  }
}

// Each line starts a program, and a busy machine has other tests to run.
suite('the command line', define, { stepMs: 90_000 })

function stepsOf(script: string): readonly { readonly line: string; readonly expected: string }[] {
  const lines = script.split('\n').filter(line => line !== '' && !/^#/.test(line))
  return lines
    .join('\n')
    .split(/^\$ /m)
    .slice(1)
    .map(step => {
      const [line = '', ...rest] = step.trimEnd().split('\n')
      return { line, expected: rest.join('\n') }
    })
}

/** What a command prints, errors after the rest, and its exit code where it is not 0. */
const said = (line: string, cwd: string): Promise<string> => {
  const [program, ...args] = (line.match(/"[^"]*"|\S+/g) ?? []).map(word =>
    word.replaceAll('"', '')
  )
  assert.is(program, 'stall')
  const stall = resolve('dist/scripts/stall.js')
  return new Promise(settle => {
    const child = execFile(process.execPath, [stall, ...args], { cwd }, (_, out, err) => {
      const text = `${err}${out}`.replaceAll(/\b[0-9a-f]{16}(?= |$)/gm, '<device>').trimEnd()
      settle(child.exitCode ? `${text}\nexit ${child.exitCode}` : text)
    })
  })
}
