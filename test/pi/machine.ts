import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { inFolder } from '../folder.ts'
import { type Image, MACHINE } from './image.ts'
import { type Door, findChip, openDoor, openPins, type Pins } from './pins.ts'

/** A Pi that is on: QEMU's board `virt`, Debian's kernel, a shell on the serial line. */
export interface Pi {
  readonly pins: Pins
  /** Runs a command to its end and gives what it said. Rejects when it failed. */
  readonly run: (command: string) => Promise<string>
  /** Starts a command and goes on. What it says can be waited for. */
  readonly start: (command: string) => void
  /** Types a line, for whoever reads it: a program, or else the shell. */
  readonly type: (line: string) => void
  /** The next line that matches, of those that nobody has waited for yet. */
  readonly says: (pattern: RegExp) => Promise<RegExpExecArray>
  /** What it said last, for a person who wants to know why. */
  readonly tail: () => string
}

/** Under emulation on a busy machine: a boot takes 2 s, a start of Node the same. */
const WORD_MS_MAX = 60_000
/** What of the console is shown when something went wrong. */
const TAIL_LINES = 40

/** Runs a step with a Pi that has just started, and switches it off however the step ends. */
export const onPi = (image: Image, step: (pi: Pi) => Promise<void>): Promise<void> =>
  inFolder(async folder => {
    const [test, control] = [
      await openDoor(join(folder, 'qtest')),
      await openDoor(join(folder, 'qmp'))
    ]
    // The kernel ends it with this process, however that ends.
    const qemu = spawn('setpriv', ['--pdeathsig', 'KILL', ...qemuLine(image, { test, control })])
    const ended = once(qemu, 'close')
    try {
      const console = readConsole(qemu)
      const chip = await Promise.race([control.enter().then(findChip), console.ended])
      const pins = await openPins(await test.enter(), chip)
      await console.says(/^started in/)
      await step({ pins, ...console })
    } finally {
      qemu.kill('SIGKILL')
      for (const door of [test, control]) door.close()
      await ended
    }
  })

function qemuLine(image: Image, doors: { test: Door; control: Door }): string[] {
  return [
    'qemu-system-aarch64',
    ...MACHINE,
    ...['-accel', 'tcg,thread=multi', '-nodefaults', '-nographic', '-no-reboot'],
    ...['-kernel', image.kernel, '-initrd', image.memory, '-dtb', image.board],
    ...['-append', 'console=ttyAMA0 quiet panic=-1', '-serial', 'stdio'],
    ...['-qtest', `unix:${doors.test.path}`, '-qtest-log', 'none'],
    ...['-qmp', `unix:${doors.control.path}`]
  ]
}

interface Console extends Omit<Pi, 'pins'> {
  /** Rejects when the machine goes off by itself. */
  readonly ended: Promise<never>
}

function readConsole(qemu: ChildProcessWithoutNullStreams): Console {
  const lines: string[] = []
  const changes = new EventEmitter()
  let heard = 0
  let commands = 0
  for (const input of [qemu.stdout, qemu.stderr]) {
    createInterface({ input }).on('line', line => {
      lines.push(line)
      changes.emit('line')
    })
  }
  const tail = () => lines.slice(-TAIL_LINES).join('\n    ')
  const failure = (what: string) => new Error(`${what}. It said last:\n    ${tail()}`)
  const ended = new Promise<never>((_, fail) => {
    qemu.on('error', fail).on('close', code => fail(failure(`QEMU ended with ${code}`)))
  })
  // Whoever waits for a line hears of it; at the end nobody does.
  ended.catch(() => undefined)

  /** Looks at the lines from the given one on, and then at each that comes. */
  const find = async (pattern: RegExp, from: number) => {
    const signal = AbortSignal.timeout(WORD_MS_MAX)
    for (let at = from; ; at++) {
      while (at >= lines.length) {
        await Promise.race([once(changes, 'line', { signal }), ended]).catch(error => {
          throw signal.aborted ? failure(`No ${pattern} within ${WORD_MS_MAX} ms`) : error
        })
      }
      const match = pattern.exec(lines[at] ?? '')
      if (match) return { match, at }
    }
  }
  const type = (line: string) => void qemu.stdin.write(`${line}\n`)
  return {
    ended,
    tail,
    type,
    start: command => type(`${command} &`),
    run: async command => {
      const from = lines.length
      // What it said last need not have ended its line.
      type(`${command}; printf '\\nended ${++commands} %d\\n' $?`)
      const { match, at } = await find(new RegExp(`^ended ${commands} (\\d+)`), from)
      if (match[1] !== '0') throw failure(`"${command}" ended with ${match[1]}`)
      return lines.slice(from, at).join('\n').trim()
    },
    says: async pattern => {
      const { match, at } = await find(pattern, heard)
      heard = at + 1
      return match
    }
  }
}
