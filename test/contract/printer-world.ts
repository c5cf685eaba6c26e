import type { Line } from '../../drivers/line.ts'
import type { DrawerSettings } from '../../drivers/printer/drawer.ts'
import type { PrintLimits } from '../../drivers/printer/job.ts'
import { type PrinterModel, printerModel } from '../../drivers/printer/models.ts'
import { openPrinter, PRINT_LIMITS } from '../../drivers/printer/printer.ts'
import type { PrinterTransport } from '../../drivers/printer/transport.ts'
import { type SimPrinter, type SimPrinterState, simPrinter } from '../../drivers/sim/printer.ts'
import { type StartTimer, startTimer } from '../../drivers/timer.ts'
import type { Printer } from '../../node/core/ports.ts'
import { handTime } from '../drivers/hand.ts'
import { serveDevice } from '../drivers/socket.ts'

/** A way for the printer's driver and the device to meet, and whose time they live in. */
export interface PrinterWorld {
  readonly startTimer: StartTimer
  readonly limits: PrintLimits
  /** For stories in which a limit has to pass. */
  readonly hastyLimits: PrintLimits
  readonly until: <T>(promise: Promise<T>) => Promise<T>
  readonly reach: (device: PrinterTransport) => Promise<PrinterTransport>
  /** Settles when a device that was plugged in again can be found again. */
  readonly isBack: () => Promise<void>
  readonly close: () => Promise<void>
}

/** In one process, in hand time, with the limits of the field. */
export function memoryWorld(
  cable: Partial<Pick<PrinterWorld, 'reach' | 'isBack'>> = {}
): PrinterWorld {
  const time = handTime()
  return {
    startTimer: time.startTimer,
    limits: PRINT_LIMITS,
    hastyLimits: PRINT_LIMITS,
    until: promise => time.until(promise),
    reach: async device => device,
    isBack: async () => {},
    close: async () => {},
    ...cable
  }
}

/** The device's end of a port of the machine. */
export interface DeviceEnd {
  readonly send: (bytes: Uint8Array) => void
  readonly onWrite: (listener: (bytes: Uint8Array) => void | Promise<void>) => unknown
  readonly setPlugged: (isPlugged: boolean) => void
}

/** A port in memory with the simulated printer at it: it stays there when we close our end. */
export function portWorld(end: DeviceEnd, transport: PrinterTransport): PrinterWorld {
  let plug = async () => {}
  return memoryWorld({
    reach: async device => {
      let line: Line | undefined
      plug = async () => {
        line = await device
          .open({ onBytes: end.send, onClose: () => end.setPlugged(false) })
          .catch(() => undefined)
        end.setPlugged(line !== undefined)
      }
      // What a printer that was pulled out had not taken is lost.
      end.onWrite(bytes => line?.write(bytes).catch(() => {}))
      await plug()
      return transport
    },
    isBack: () => plug()
  })
}

/** In real time everything is quick. */
export const REAL_TIME: Pick<PrinterWorld, 'startTimer' | 'limits' | 'hastyLimits' | 'until'> = {
  startTimer,
  limits: { answerMs: 5_000, pollMs: 20, settleMs: 10_000, pauseMs: 10_000 },
  hastyLimits: { answerMs: 200, pollMs: 20, settleMs: 800, pauseMs: 10_000 },
  until: promise => promise
}

/** Over real sockets. */
export function socketWorld(open: (port: number) => PrinterTransport): PrinterWorld {
  const closers: (() => Promise<void>)[] = []
  return {
    ...REAL_TIME,
    reach: async device => {
      const server = await serveDevice(device)
      closers.push(server.close)
      return open(server.port)
    },
    isBack: async () => {},
    close: async () => {
      for (const close of closers) await close()
    }
  }
}

export interface Bench {
  readonly world: PrinterWorld
  readonly device: SimPrinter
  readonly printer: ReturnType<typeof openPrinter>
}

/** Runs one story on a fresh printer and puts everything away. */
export async function withPrinter(
  openWorld: () => PrinterWorld,
  story: (bench: Bench) => Promise<void>,
  options: {
    model?: string
    state?: Partial<SimPrinterState>
    isHasty?: boolean
    drawer?: DrawerSettings
    logo?: string
  } = {}
): Promise<void> {
  const world = openWorld()
  const { logo, drawer, isHasty } = options
  const model = modelNamed(options.model ?? 'epson-tm-t20')
  const device = simPrinter({
    model,
    startTimer: world.startTimer,
    state: { bytesPerSecond: 200_000, ...options.state }
  })
  const transport = await world.reach(device.transport)
  const printer = openPrinter({
    transport,
    model,
    logo,
    drawer,
    limits: isHasty ? world.hastyLimits : world.limits,
    startTimer: world.startTimer
  })
  try {
    await story({ world, device, printer })
  } finally {
    device.set({ isPlugged: false })
    await world.until(printer.close())
    await world.close()
  }
}

export function modelNamed(id: string): PrinterModel {
  const model = printerModel(id)
  if (model === undefined) throw new Error(`No model ${id}`)
  return model
}

/** Settles when so many lines have come out. */
export const linesOut = (device: SimPrinter, lines: number): Promise<void> =>
  new Promise(resolve => {
    const stop = device.onPaper(() => {
      if (device.paper().length < lines) return
      stop()
      resolve()
    })
  })

export const pass = (world: PrinterWorld, ms: number) =>
  new Promise<void>(resolve => world.startTimer(ms, resolve))

/** Waits until the printer's health has come to that. */
export const healthIs = (world: PrinterWorld, printer: Printer, state: string): Promise<void> =>
  comesTrue(world, () => printer.health().state === state)

export async function comesTrue(world: PrinterWorld, isTrue: () => boolean): Promise<void> {
  for (let looks = 0; !isTrue(); looks++) {
    if (looks > LOOKS_MAX) throw new Error(`It never came: ${isTrue}`)
    await pass(world, 10)
  }
}

const LOOKS_MAX = 2_000
