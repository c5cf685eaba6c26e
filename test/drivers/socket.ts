import { createServer, type Socket } from 'node:net'
import type { PrinterTransport } from '../../drivers/printer/transport.ts'

/** Serves a device on a TCP port, as a network printer does on 9100. */
export async function serveDevice(device: PrinterTransport): Promise<{
  readonly port: number
  readonly close: () => Promise<void>
}> {
  const sockets = new Set<Socket>()
  /** Settles when nobody is served; the next host waits for that, as at a real printer. */
  let served: Promise<void> = Promise.resolve()
  const server = createServer({ noDelay: true }, socket => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    // A host that goes away is part of the tests.
    socket.on('error', () => {})
    const isClosed = new Promise<void>(resolve => socket.once('close', () => resolve()))
    served = served.then(() => plugIn(device, socket)).then(() => isClosed)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('No port')
  return {
    port: address.port,
    close: () => {
      for (const socket of sockets) socket.destroy()
      return new Promise(resolve => server.close(() => resolve()))
    }
  }
}

async function plugIn(device: PrinterTransport, socket: Socket): Promise<void> {
  const line = await device
    .open({
      onBytes: bytes => socket.write(bytes),
      onClose: () => socket.destroy()
    })
    .catch(() => undefined)
  if (line === undefined) return void socket.destroy()
  socket.on('close', line.close)
  socket.on('data', bytes => {
    // A full buffer stops the stream, as a real printer's receive window does.
    socket.pause()
    line.write(bytes).then(
      () => socket.resume(),
      () => socket.destroy()
    )
  })
}
