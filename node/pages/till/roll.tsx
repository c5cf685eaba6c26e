import { useEffect, useRef } from 'preact/hooks'
import type { PaperLine } from './paper.ts'
import { useTill } from './use.ts'

/** Narrower paper would print letters too large to look like a receipt. */
const COLUMNS_MIN = 32

/** The simulated printer's roll, turned to its last receipt. */
export function Roll({ lines }: { readonly lines: readonly PaperLine[] }) {
  const { words } = useTill()
  const roll = useRef<HTMLPreElement>(null)
  useEffect(() => {
    const first = roll.current?.children[startOfLast(lines)]
    if (roll.current && first instanceof HTMLElement) roll.current.scrollTop = first.offsetTop - 14
  }, [lines])
  const widths = {
    '--columns': widest(lines.filter(({ style }) => !isDrawn(style))),
    '--dots': widest(lines.filter(({ style }) => style === 'picture'))
  }
  return (
    <section class="paper" aria-label={words.paper}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, WCAG 2.1.1 */}
      <pre ref={roll} tabIndex={0} style={widths}>
        {lines.map(({ text, style }, at) =>
          style === 'drawing' ? (
            <img key={at} class="print-drawing" src={text} alt="" />
          ) : (
            <span key={at} class={`print-${style}`} aria-hidden={style === 'picture'}>
              {`${text}\n`}
            </span>
          )
        )}
      </pre>
    </section>
  )
}

const isDrawn = (style: PaperLine['style']): boolean => style === 'picture' || style === 'drawing'

/** Where the last receipt begins: after the cut before it. */
function startOfLast(lines: readonly PaperLine[]): number {
  const isDone = lines.at(-1)?.style === 'cut'
  return lines.slice(0, isDone ? -1 : undefined).findLastIndex(({ style }) => style === 'cut') + 1
}

const widest = (lines: readonly PaperLine[]): number =>
  Math.max(
    COLUMNS_MIN,
    ...lines.map(({ text, style }) => (style === 'large' ? 2 * text.length : text.length))
  )
