import { Title, Trouble, useAsk } from './sheet-parts.tsx'
import { useTill } from './use.ts'

/** The cash drawer without a sale: a reason is one tap, for somebody stands there with a note. */
export function DrawerSheet() {
  const { words, sheet, say } = useTill()
  const { send, trouble, isBusy } = useAsk()
  const open = async (reason: string) => {
    const reply = await send({ method: 'POST', path: '/api/v1/drawer/open', body: { reason } })
    if (reply.state !== 'done') return
    sheet.value = null
    say(words.drawer.opened)
  }
  return (
    <>
      <Title text={words.drawer.title} />
      <p class="about">{words.drawer.why}</p>
      <div class="kinds">
        {words.drawer.reasons.map(reason => (
          <button type="button" key={reason} disabled={isBusy.value} onClick={() => open(reason)}>
            {reason}
          </button>
        ))}
      </div>
      <Trouble text={trouble.value} />
    </>
  )
}
