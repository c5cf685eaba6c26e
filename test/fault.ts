import { Fault } from '../node/core/ports.ts'

/** What a step that must fail failed with. A bug goes on, and so does a step that succeeds. */
export async function faultOf(step: Promise<unknown>): Promise<Fault> {
  const outcome = await step.catch((error: unknown) => error)
  if (outcome instanceof Fault) return outcome
  throw outcome instanceof Error ? outcome : new Error(`No fault: ${outcome}`)
}
