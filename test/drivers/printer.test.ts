import { tcpTransport } from '../../drivers/printer/tcp.ts'
import { printerContract } from '../contract/printer.ts'
import { memoryWorld, socketWorld } from '../contract/printer-world.ts'

printerContract('in memory', memoryWorld)
printerContract('over TCP', () => socketWorld(port => tcpTransport({ host: '127.0.0.1', port })))
