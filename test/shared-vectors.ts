import { existsSync, readFileSync } from 'node:fs'
import type { Suite } from './harness.ts'

const FOLDER = '../shared/vectors'

/** A step over public vectors, which lie beside the checkout and are left out where they do not. */
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
