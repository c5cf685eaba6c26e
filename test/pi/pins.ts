import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { createInterface } from 'node:readline'

/** The machine's GPIO chip from outside: what a wire to it would carry. */
export interface Pins {
  /** Pulls an input high or low; resolves when the machine's kernel has taken note of it. */
  readonly set: (line: number, isHigh: boolean) => Promise<void>
  /** Whether the chip pulls a line high. */
  readonly isHigh: (line: number) => Promise<boolean>
}

/** A socket that QEMU was told to connect to, before it starts. */
export interface Door {
  readonly path: string
  readonly enter: () => Promise<Socket>
  readonly close: () => void
}

/** Where the PL061 is on QEMU's board, and three of its registers (ARM DDI 0190, 3.2). */
const PL061 = 0x0903_0000
const GPIOIE = 0x410
const GPIOMIS = 0x418
const GPIOIC = 0x41c
const TAKEN_MS_MAX = 10_000

export async function openDoor(path: string): Promise<Door> {
  const server = createServer().listen(path)
  const entered = once(server, 'connection')
  // Whoever waits for it hears of it; nobody else is harmed by it.
  entered.catch(() => undefined)
  await once(server, 'listening')
  return { path, enter: async () => (await entered)[0], close: () => void server.close() }
}

/** QEMU's own name of the chip, by the machine protocol. */
export async function findChip(socket: Socket): Promise<string> {
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]()
  const ask = async (question: object): Promise<unknown> => {
    socket.write(`${JSON.stringify(question)}\n`)
    for (;;) {
      const { done, value } = await lines.next()
      if (done) throw new Error('QEMU hung up')
      const answer = JSON.parse(value)
      if (answer.error) throw new Error(`QEMU says: ${answer.error.desc}`)
      if (answer.return !== undefined) return answer.return
    }
  }
  await ask({ execute: 'qmp_capabilities' })
  const path = '/machine/unattached'
  const parts = await ask({ execute: 'qom-list', arguments: { path } })
  const chip = (parts as { name: string; type: string }[]).find(({ type }) => /pl061/.test(type))
  if (!chip) throw new Error('This QEMU has no PL061 on its board "virt"')
  return `${path}/${chip.name}`
}

/**
 * Talks QEMU's test protocol. An input that is set twice before the kernel looked would be one
 * edge, as on any chip; so each waits until the chip's interrupt of that line is taken.
 */
export async function openPins(socket: Socket, chip: string): Promise<Pins> {
  const high = new Set<number>()
  const waiting: ((answer: string) => void)[] = []
  createInterface({ input: socket })
    .on('line', line => {
      const [, level, number] = /^IRQ (raise|lower) (\d+)$/.exec(line) ?? []
      if (number === undefined) waiting.shift()?.(line)
      else if (level === 'raise') high.add(Number(number))
      else high.delete(Number(number))
    })
    .on('close', () => {
      for (const settle of waiting.splice(0)) settle('nothing: it hung up')
    })
  const ask = async (question: string): Promise<string> => {
    const answer = new Promise<string>(settle => waiting.push(settle))
    socket.write(`${question}\n`)
    const said = await answer
    if (!said.startsWith('OK')) throw new Error(`To "${question}" QEMU said ${said}`)
    return said.slice(3)
  }
  await ask(`irq_intercept_out ${chip}`)
  const isSet = async (register: number, line: number) =>
    (Number(await ask(`readl ${PL061 + register}`)) & (1 << line)) !== 0
  return {
    set: async (line, isHigh) => {
      await ask(`set_irq_in ${chip} unnamed-gpio-in ${line} ${isHigh ? 1 : 0}`)
      // This chip keeps an edge that nobody asked for until somebody does; a Pi's does not.
      if (!(await isSet(GPIOIE, line))) await ask(`writel ${PL061 + GPIOIC} ${1 << line}`)
      const deadline = performance.now() + TAKEN_MS_MAX
      while (await isSet(GPIOMIS, line)) {
        if (performance.now() > deadline) throw new Error(`Nobody took line ${line}'s edge`)
      }
    },
    isHigh: async line => {
      // What the chip did before this was asked is told before the answer.
      await ask(`readl ${PL061}`)
      return high.has(line)
    }
  }
}
