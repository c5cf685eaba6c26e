import qrcode from 'qrcode-generator'

/**
 * The dark modules of a QR code, row by row. The digits at its end go into a segment of their own:
 * 3.3 bits a digit instead of 8 make a receipt's code half as dense (ISO/IEC 18004 7.4.3).
 */
export function qrModules(data: string): readonly (readonly boolean[])[] {
  const [digits = ''] = /\d*$/.exec(data) ?? []
  const code = qrcode(0, 'L')
  const head = new TextEncoder().encode(data.slice(0, data.length - digits.length))
  if (head.length > 0) code.addData(String.fromCharCode(...head), 'Byte')
  if (digits !== '') code.addData(digits, 'Numeric')
  code.make()
  const size = code.getModuleCount()
  const places = Array.from({ length: size }, (_, at) => at)
  return places.map(row => places.map(column => code.isDark(row, column)))
}
