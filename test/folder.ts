import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Runs a step in a fresh folder and removes the folder, however the step ends. */
export async function inFolder<Result>(step: (dir: string) => Promise<Result>): Promise<Result> {
  const dir = await mkdtemp(join(tmpdir(), 'stall-'))
  try {
    return await step(dir)
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}
