/**
 * The store that others would take: SQLite (libsql), as durable as its manual makes it. Inserts
 * one row a transaction and prints how many a second: `peer.js DIR TIMES BYTES`.
 */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import Database from 'libsql'
import { ratePerSecond } from './measure.ts'

const WARM_UP = 20
const [dir = '', times = '', size = ''] = process.argv.slice(2)
const database = new Database(join(dir, 'peer.db'))
database.pragma('journal_mode = WAL')
// FULL syncs the WAL at each commit; NORMAL would lose acknowledged rows in a power cut.
database.pragma('synchronous = FULL')
database.exec('CREATE TABLE IF NOT EXISTS entry (seq INTEGER PRIMARY KEY, bytes BLOB NOT NULL)')
const insert = database.prepare<[[Uint8Array]]>('INSERT INTO entry (bytes) VALUES (?)')
const bytes = randomBytes(Number(size))
// In an array, for this binding takes bytes by themselves for a record of named values.
await ratePerSecond(WARM_UP, () => insert.run([bytes]))
console.log(await ratePerSecond(Number(times), () => insert.run([bytes])))
database.close()
