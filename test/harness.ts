/**
 * A thin coat over uvu that closes its holes: a file that forgets `run()`, a hook that throws,
 * a test that never settles, a handle left open, and a part left out without a word.
 */
import { suite as uvuSuite } from 'uvu'

type Step = () => void | Promise<void>

export interface Suite {
  (name: string, step: Step): void
  /** A step that needs something which may be missing. Says so; with CI=true it fails. */
  readonly needs: (missing: string | false, name: string, step: Step) => void
  readonly before: (step: Step) => void
  readonly after: (step: Step) => void
}

const STEP_MS_MAX = Number(process.env['STEP_MS_MAX'] ?? 20_000)
const RUN_MS_MAX = Number(process.env['RUN_MS_MAX'] ?? 600_000)
const LEFT_OUT = 'left out:'
let isBroken = false

process.on('exit', () => {
  if (isBroken) process.exitCode = 1
})
setTimeout(() => {
  console.error('Still running. Open handles:', process.getActiveResourcesInfo())
  process.exit(1)
}, RUN_MS_MAX).unref()

/** Declares and runs a suite; there is no `run()` to forget. `stepMs` is for slow real parts. */
export function suite(
  name: string,
  define: (test: Suite) => void,
  { stepMs = STEP_MS_MAX }: { readonly stepMs?: number } = {}
): void {
  const inner = uvuSuite(name)
  const declare = (title: string, step: Step) => {
    inner(title, () => within(stepMs, title, step))
  }
  const test: Suite = Object.assign(declare, {
    needs: (missing: string | false, title: string, step: Step) => {
      if (missing === false) return declare(title, step)
      if (process.env['CI'] === 'true') {
        return declare(title, () => {
          throw new Error(`${missing} is missing, and CI must have it`)
        })
      }
      console.log(`${LEFT_OUT} ${name}: ${title} (needs ${missing})`)
    },
    before: (step: Step) => {
      inner.before.each(() => guard({ title: `${name}: before`, step, stepMs }))
    },
    after: (step: Step) => {
      inner.after.each(() => guard({ title: `${name}: after`, step, stepMs }))
    }
  })
  define(test)
  inner.run()
}

/** uvu drops errors that hooks throw, so the exit code is kept here. */
async function guard(options: { title: string; step: Step; stepMs: number }): Promise<void> {
  try {
    await within(options.stepMs, options.title, options.step)
  } catch (error) {
    isBroken = true
    console.error(`\n  ${options.title} failed:`, error)
    throw error
  }
}

async function within(ms: number, title: string, step: Step): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${title} took over ${ms} ms`)), ms)
  })
  try {
    await Promise.race([step(), late])
  } finally {
    clearTimeout(timer)
  }
}
