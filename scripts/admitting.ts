import { readFileSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { isLogId } from '../node/core/id.ts'
import { Fault } from '../node/core/ports.ts'
import { type AcceptedLog, REVOKED_WHY, type RevokedWhy } from '../node/core/share/members.ts'
import type { AdmitRefusal } from '../node/identity/registrar.ts'
import { lockFolder } from '../node/ledger/lock.ts'
import { EXIT } from './command.ts'
import { todo } from './rows.ts'

/** What `stall join` and `stall market` say and do alike. */

export function complain(sentence: string, fix: string, code: number = EXIT.problem): number {
  console.error(`✗ ${sentence}`)
  console.error(todo(fix))
  return code
}

/** Turns a `Fault` into words; anything else is a bug. */
export async function orFault(step: () => Promise<number>): Promise<number> {
  try {
    return await step()
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return complain(error.message, error.fix)
  }
}

/** Works on the files of a stall, which must not run meanwhile. */
export async function whileStopped(dataDir: string, step: () => Promise<number>): Promise<number> {
  const folder = await lockFolder(dataDir)
  try {
    return await step()
  } finally {
    await folder.release()
  }
}

export function readGiven(path: string): Uint8Array {
  try {
    return readFileSync(path)
  } catch {
    throw new Fault({
      code: 'no-file',
      message: `There is no file ${path} that could be read.`,
      fix: 'Check its name, and that the stick is plugged in.',
      isRetryable: true
    })
  }
}

/** Flushed, for a stick is pulled as soon as the words are on the screen. */
export function writeGiven(path: string, bytes: Uint8Array | string): void {
  try {
    writeFileSync(path, bytes, { flush: true })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error
    throw new Fault({
      code: 'no-room',
      message: `The file ${path} cannot be written (${String(error.code)}).`,
      fix: 'See that the stick is plugged in, not full and not locked, or name another file.',
      isRetryable: true
    })
  }
}

/** `stall-7.request` is answered by `stall-7.answer` beside it. */
export const answerPath = (request: string): string => `${request.replace(/\.request$/, '')}.answer`

/** `0123456789abcdef=40`: of that log 40 entries count. Undefined for what is none. */
export function acceptedLogs(rows: readonly string[]): readonly AcceptedLog[] | undefined {
  const logs = rows.map(row => {
    const [log, size] = row.split('=')
    return isLogId(log) && /^\d{1,9}$/.test(size ?? '') ? { log, size: Number(size) } : undefined
  })
  return logs.every(each => each !== undefined) ? logs : undefined
}

export const isWhy = (text: string): text is RevokedWhy => REVOKED_WHY.some(why => why === text)

export function complainOfRefusal(refusal: AdmitRefusal, request = ''): number {
  const { sentence, fix } = wordsFor(refusal, basename(request))
  return complain(sentence, fix, EXIT.refused)
}

interface Words {
  readonly sentence: string
  readonly fix: string
}

const NEW_TICKET = 'Make a new one with stall market ticket, and join with that.'

function wordsFor(refusal: AdmitRefusal, file: string): Words {
  switch (refusal.refused) {
    case 'forged-request':
      return {
        sentence: `${file || 'The request'} is damaged, or is no request of a stall.`,
        fix: 'Run stall join at the stall again and bring the new file.'
      }
    case 'other-market':
      return {
        sentence: `This stall asks to join another market, ${refusal.market}.`,
        fix: 'Give it a ticket of this market, or take the stick of that one.'
      }
    case 'no-ticket':
      return { sentence: 'This stall has no ticket.', fix: NEW_TICKET }
    case 'forged-ticket':
      return { sentence: 'The ticket of this stall was not made by this market.', fix: NEW_TICKET }
    case 'expired-ticket': {
      const day = new Date(refusal.expiredAt).toISOString().slice(0, 10)
      return { sentence: `The ticket of this stall was good until ${day}.`, fix: NEW_TICKET }
    }
    case 'revoked':
      return {
        sentence: `This device of ${refusal.stall || 'a stall'} is shut out, for ever.`,
        fix: 'Begin anew on that card: stall join with --set-aside makes another device of it.'
      }
    case 'name-taken':
      return {
        sentence: `There is a stall ${refusal.stall} already.`,
        fix:
          'Choose another id in stall.toml. If this board takes the place of one that broke, ' +
          `run: stall market replace ${refusal.stall} REQUEST`
      }
    case 'already-member':
      return {
        sentence: `This device is in the market already, as ${refusal.stall}.`,
        fix: 'Nothing is missing: give it the answer that was made then, or admit it again.'
      }
    case 'unknown-stall':
      return {
        sentence: 'No stall of that name is in the market.',
        fix: 'stall market list shows who is.'
      }
    case 'signer-revoked':
      return {
        sentence: 'This stall may not admit any more: it is shut out itself.',
        fix: "Use the stick with the market's key: --market DIR."
      }
    case 'older-list':
      return {
        sentence: 'A newer list of members came in between.',
        fix: 'Run the same command again.'
      }
    case 'too-many-members':
      return {
        sentence: `A market has room for ${refusal.max} stalls, and it is full.`,
        fix: 'Shut out those that left: stall market revoke STALL --why left'
      }
    case 'too-many-revoked':
    case 'too-many-logs':
      return {
        sentence: `The list has room for ${refusal.max} of them and is full.`,
        fix: 'Close the books of this market, and begin a new one with stall market init.'
      }
  }
}
