import { setTimeout as delay } from 'node:timers/promises'

type Condition = () => boolean | Promise<boolean>

/** Looks at a condition until it is true; false when it never came. */
export async function comes(isTrue: Condition, withinMs = 5_000): Promise<boolean> {
  const deadline = performance.now() + withinMs
  while (!(await isTrue())) {
    if (performance.now() > deadline) return false
    await delay(2)
  }
  return true
}

/** Waits for something that will come true by itself. */
export async function until(isTrue: Condition, withinMs = 5_000): Promise<void> {
  if (!(await comes(isTrue, withinMs))) throw new Error(`not within ${withinMs} ms: ${isTrue}`)
}
