import { tcpTransport } from '../../drivers/printer/tcp.ts'
import { memoryWorld, printerContract, socketWorld } from '../contract/printer.ts'

printerContract('in memory', memoryWorld)
printerContract('over TCP', () => socketWorld(port => tcpTransport({ host: '127.0.0.1', port })))
