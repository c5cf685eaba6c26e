import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '../wait.ts'
import { numberFrom } from './child.ts'
import { type Bench, interleaved } from './measure.ts'

const ROUNDS = 3
/** 921,600 baud, with a start and a stop bit to each byte. */
const BYTES_A_MS = 92.16
/** How often such bytes come: a USB adapter collects for longer, a UART for less. */
const PIECE_MS = 4

/** What a device costs that sends without an end of line, as fast as serial ports go. */
export const serial: Bench = {
  name: 'serial',
  needs: async () => (existsSync('/usr/bin/socat') ? false : 'socat'),
  run: async () => {
    const listen = (side: string, what: string) => () =>
      flooded(path => numberFrom('serial-listener', side, what, path))
    const figures = await interleaved(ROUNDS, {
      ourCpu: listen('ours', 'cpu'),
      peerCpu: listen('peer', 'cpu'),
      ourMemory: listen('ours', 'memory'),
      peerMemory: listen('peer', 'memory')
    })
    return [
      {
        what: 'processor for a serial device that floods without an end of line',
        unit: '%',
        ours: figures.ourCpu,
        peer: figures.peerCpu,
        target: { of: 'ours', atMost: 1 }
      },
      {
        what: 'memory that it grows by in 4 s',
        unit: 'KB',
        ours: figures.ourMemory,
        peer: figures.peerMemory,
        target: { of: 'ours', atMost: 1_024 }
      }
    ]
  }
}

/** Runs something beside a pseudo-terminal that never stops. */
async function flooded(run: (path: string) => Promise<number>): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'stall-flood-'))
  const path = join(folder, 'port')
  const socat = spawn('/usr/bin/socat', ['-u', '-', `pty,raw,echo=0,link=${path}`], {
    stdio: ['pipe', 'ignore', 'inherit']
  })
  const from = performance.now()
  let sent = 0
  const flood = setInterval(() => {
    const due = Math.floor((performance.now() - from) * BYTES_A_MS) - sent
    sent += due
    socat.stdin.write(Buffer.alloc(due, 0x55))
  }, PIECE_MS)
  try {
    await until(() => existsSync(path))
    return await run(path)
  } finally {
    clearInterval(flood)
    socat.kill('SIGKILL')
    await rm(folder, { recursive: true })
  }
}
