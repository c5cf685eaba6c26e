import { existsSync, readFileSync } from 'node:fs'
import type { Suite } from './harness.ts'

const FOLDER = '../shared/vectors'

/**
 * A step over public vectors, which others publish and license, so they lie beside the checkout
 * and not in it. Where they do not, the step is left out even with CI=true: the one exception to
 * `test.needs`, for a clone alone must be able to pass.
 */
export function testVectors<Cases>(
  test: Suite,
  path: string,
  title: string,
  step: (cases: Cases) => void
): void {
  const file = `${FOLDER}/${path}`
  if (existsSync(file)) test(title, () => step(JSON.parse(readFileSync(file, 'utf8')) as Cases))
  else console.log(`left out: ${title} (needs ${file})`)
}
