import { money as toMoney } from '../../core/sell/money.ts'
import type { ClosingSums, Sums } from './closing.ts'
import { useMoney, useTill } from './use.ts'

/** The X report: what the session came to so far. It changes nothing. */
export const Report = ({ sums }: { readonly sums: Sums }) => (
  <dl class="report">
    <SumRows sums={sums} />
  </dl>
)

/** The Z report: the same rows, and what was counted. */
export function ClosingReport({ closing }: { readonly closing: ClosingSums }) {
  const { words } = useTill()
  const money = useMoney()
  const over = toMoney(closing.counted - closing.cash)
  return (
    <>
      <h3>№ {closing.session}</h3>
      <dl class="report">
        <SumRows sums={closing} />
        <Row name={words.session.expected} value={money(closing.cash)} />
        <Row name={words.session.counted} value={money(closing.counted)} />
        {over !== 0 && (
          <Row
            name={over > 0 ? words.session.over : words.session.short}
            value={money(toMoney(Math.abs(over)))}
          />
        )}
      </dl>
    </>
  )
}

function SumRows({ sums }: { readonly sums: Sums }) {
  const { words, terms } = useTill()
  const money = useMoney()
  const nameOf = (method: string) =>
    terms.value?.tenders.find(kind => kind.method === method)?.name ?? method
  return (
    <>
      <Row
        name={words.session.takings(sums.sales - sums.voids)}
        value={money(toMoney(sums.total - sums.voidedTotal))}
      />
      <Row name={`${words.session.sales} (${sums.sales})`} value={money(sums.total)} />
      <Row name={`${words.session.voids} (${sums.voids})`} value={money(sums.voidedTotal)} />
      <Row name={words.session.discounts} value={money(sums.discounts)} />
      <Row name={words.session.rounding} value={money(sums.rounding)} />
      {sums.tenders.map(({ method, amount }) => (
        <Row key={method} name={nameOf(method)} value={money(amount)} />
      ))}
      {sums.taxes.map(tax => (
        <Row
          key={`${tax.taxClass} ${tax.ratePpm}`}
          name={`${tax.taxClass} ${tax.ratePpm / 10_000} %`}
          value={money(tax.tax)}
        />
      ))}
      <Row name={words.session.floatRow} value={money(sums.float)} />
      <Row name={words.session.moved} value={money(sums.cashMoved)} />
    </>
  )
}

function Row({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd class="sum">{value}</dd>
    </div>
  )
}
