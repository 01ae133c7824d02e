const decimal = (text: string): string => {
  const [whole = '', fraction = ''] = text.split('.')
  const kept = fraction.replace(/0+$/, '')
  return `${whole.startsWith('-') ? '-' : ''}${BigInt(whole.replace('-', ''))}${kept === '' ? '' : `.${kept}`}`
}

const moment = (text: string): string => {
  const [day = '', time = '00:00:00'] = text.replace('Z', '').split(' ')
  const [seconds = '', fraction = ''] = time.split('.')
  return `${day} ${seconds}.${fraction.padEnd(9, '0')}`
}

/** What a layout does not keep is the same in both texts: how a float is spelt, zeros at the end of a moment or in Phoenix's numbers. */
const FORMS: readonly (readonly [names: RegExp, form: (text: string) => string | number])[] = [
  [/^float$/i, (text) => Math.fround(Number(text))],
  [/^double$/i, Number],
  [/^(DATE|TIMESTAMP)$/, moment],
  [/^(short|int|long|DECIMAL|.*(INT|INTEGER|LONG))$/, decimal],
]

/** The text Java gave, or ours, in the one form both share for a layout of this name. */
export const alike = (name: string, text: string): string | number =>
  (FORMS.find(([names]) => names.test(name))?.[1] ?? String)(text)
