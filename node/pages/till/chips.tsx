import { useSignal } from '@preact/signals'
import { categoriesOf } from './find.ts'
import { useTill } from './use.ts'

/** Categories to choose from; the search takes their row while somebody types. */
export function Chips() {
  const { words, search, category, items } = useTill()
  const isOpen = useSignal(false)
  if (isOpen.value || search.value !== '') {
    return (
      <search class="chips">
        <input
          class="find"
          // biome-ignore lint/a11y/noAutofocus: the keeper has just asked for it, or is typing
          autoFocus
          type="text"
          inputMode="search"
          autoComplete="off"
          aria-label={words.search}
          placeholder={words.search}
          value={search.value}
          onInput={event => {
            search.value = event.currentTarget.value
          }}
        />
        <button
          type="button"
          class="icon"
          aria-label={words.closeSearch}
          onClick={() => {
            isOpen.value = false
            search.value = ''
          }}
        >
          <svg viewBox="0 0 24 24" aria-hidden="true">
            <path d="M6 6l12 12M18 6L6 18" />
          </svg>
        </button>
      </search>
    )
  }
  return (
    <nav class="chips" aria-label={words.categories}>
      <div class="row">
        {[null, ...categoriesOf(items.value)].map(each => (
          <button
            type="button"
            key={each}
            aria-pressed={category.value === each}
            onClick={() => {
              category.value = each
            }}
          >
            {each ?? words.all}
          </button>
        ))}
      </div>
      <button
        type="button"
        class="icon"
        aria-label={words.search}
        onClick={() => {
          isOpen.value = true
        }}
      >
        <svg viewBox="0 0 24 24" aria-hidden="true">
          <path d="M10.500 4a6.500 6.500 0 1 0 0 13 6.500 6.500 0 0 0 0-13zM15.500 15.500L20 20" />
        </svg>
      </button>
    </nav>
  )
}
