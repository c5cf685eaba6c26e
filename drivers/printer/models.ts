import type { Codepage } from '@point-of-sale/codepage-encoder'

/** What a kind of printer can do. Adding a printer is adding a row here. */
export interface PrinterModel {
  readonly id: string
  readonly name: string
  /** Characters of font A on a line. */
  readonly columns: 32 | 42 | 48
  /** Dots on a line. */
  readonly dots: 384 | 512 | 576
  /** The numbers that `ESC t` knows the code pages by, the most wanted page first. */
  readonly codePages: readonly CodePage[]
  /** How many dots wide a module of a QR code must be to be read after some wear. */
  readonly qrModuleDotsMin: number
  /** `none`: it never answers. `asb`: it also speaks up by itself (Epson GS a). */
  readonly status: 'none' | 'dle-eot' | 'asb'
  /** What it answers once everything before it is on paper: `GS ( H`, `GS r`, or nothing. */
  readonly fence: 'none' | 'gs-r' | 'gs-paren-h'
  readonly cutter: 'none' | 'partial'
  /** How its drawer is opened: at once (DLE DC4), or behind what it prints (ESC p). */
  readonly drawer: 'none' | 'esc-p' | 'dle-dc4'
}

export interface CodePage {
  readonly name: Codepage
  readonly number: number
}

/**
 * Three pages that most makers number as Epson does (not Citizen). Between them they hold all
 * Western European letters and the euro.
 */
const WESTERN: readonly CodePage[] = [
  { name: 'cp437', number: 0 },
  { name: 'cp858', number: 19 },
  { name: 'windows1252', number: 16 }
]

/** With Central Europe and Russian: what Epson has had since its first thermal printers. */
const EUROPEAN: readonly CodePage[] = [
  ...WESTERN,
  { name: 'cp852', number: 18 },
  { name: 'cp866', number: 17 }
]

/** With Cyrillic, Greek, Turkish and Baltic letters. */
const EPSON_PAGES: readonly CodePage[] = [
  ...EUROPEAN,
  { name: 'windows1251', number: 46 },
  { name: 'windows1253', number: 47 },
  { name: 'windows1254', number: 48 },
  { name: 'windows1257', number: 51 }
]

const CITIZEN_PAGES: readonly CodePage[] = [
  { name: 'cp437', number: 0 },
  { name: 'cp858', number: 2 },
  { name: 'windows1252', number: 16 },
  { name: 'cp852', number: 6 },
  { name: 'cp866', number: 7 }
]

const WIDE = { columns: 48, dots: 576, codePages: WESTERN, qrModuleDotsMin: 5 } as const
/** Printers of 180 dpi: 42 columns of font A on 512 dots. */
const MEDIUM = { columns: 42, dots: 512, codePages: WESTERN, qrModuleDotsMin: 5 } as const
const NARROW = { columns: 32, dots: 384, codePages: WESTERN, qrModuleDotsMin: 4 } as const
const EPSON = {
  codePages: EPSON_PAGES,
  status: 'asb',
  fence: 'gs-paren-h',
  cutter: 'partial',
  drawer: 'dle-dc4'
} as const
/** What nearly all printers with Epson's commands do, whoever made them. */
const COMMON = { status: 'dle-eot', fence: 'gs-r', cutter: 'partial', drawer: 'esc-p' } as const
const MUTE = { status: 'none', fence: 'none', drawer: 'esc-p' } as const

/**
 * Columns and code pages are those of receipt-printer-encoder's and escpos-printer-db's data.
 * Which printers answer `GS ( H` is Epson's list for that command; T88III is not on it. `DLE DC4`
 * and `GS a` are in the command manuals of Epson, Bixolon (SRP-350), Xprinter (XP-80) and Rongta
 * (RP32x). What no source says a printer can do is not asked of it: it gets the common way.
 */
export const PRINTER_MODELS: readonly PrinterModel[] = [
  { id: 'epson-tm-t20', name: 'Epson TM-T20 (II, III, IV)', ...WIDE, ...EPSON },
  { id: 'epson-tm-m30', name: 'Epson TM-m30 (II, III)', ...WIDE, ...EPSON },
  { id: 'epson-tm-t88', name: 'Epson TM-T88 (V and later)', ...MEDIUM, ...EPSON },
  {
    id: 'epson-tm-t88iv',
    name: 'Epson TM-T88IV',
    ...MEDIUM,
    ...EPSON,
    codePages: EUROPEAN
  },
  {
    id: 'epson-tm-t88iii',
    name: 'Epson TM-T88III',
    ...MEDIUM,
    ...EPSON,
    codePages: EUROPEAN,
    fence: 'gs-r'
  },
  {
    id: 'epson-tm-t70',
    name: 'Epson TM-T70 (II)',
    ...MEDIUM,
    ...EPSON,
    codePages: EUROPEAN,
    fence: 'gs-r'
  },
  {
    id: 'epson-tm-p20',
    name: 'Epson TM-P20II',
    ...NARROW,
    ...EPSON,
    fence: 'gs-r',
    cutter: 'none',
    drawer: 'none'
  },
  {
    id: 'bixolon-srp-350',
    name: 'Bixolon SRP-350 (plus, III)',
    ...MEDIUM,
    ...COMMON,
    codePages: EUROPEAN,
    status: 'asb',
    drawer: 'dle-dc4'
  },
  {
    id: 'citizen-ct-s310',
    name: 'Citizen CT-S310 (II)',
    ...WIDE,
    ...COMMON,
    codePages: CITIZEN_PAGES
  },
  {
    id: 'xprinter-xp-80',
    name: 'Xprinter XP-80 (T80Q, N160II)',
    ...WIDE,
    ...COMMON,
    codePages: EUROPEAN,
    drawer: 'dle-dc4'
  },
  {
    id: 'rongta-rp-32x',
    name: 'Rongta RP325 to RP328',
    ...WIDE,
    ...COMMON,
    drawer: 'dle-dc4'
  },
  {
    id: 'star-escpos-80',
    name: 'Star, 80 mm, set to ESC/POS mode',
    ...WIDE,
    ...COMMON,
    codePages: EUROPEAN
  },
  {
    id: 'star-escpos-58',
    name: 'Star, 58 mm, set to ESC/POS mode',
    ...NARROW,
    ...COMMON,
    codePages: EUROPEAN
  },
  { id: 'generic-80', name: 'Any ESC/POS printer, 80 mm', ...WIDE, ...COMMON },
  {
    id: 'generic-58',
    name: 'Any ESC/POS printer, 58 mm',
    ...NARROW,
    ...COMMON,
    cutter: 'none'
  },
  {
    id: 'generic-80-mute',
    name: 'An 80 mm printer that never answers',
    ...WIDE,
    ...MUTE,
    cutter: 'partial'
  },
  {
    id: 'generic-58-mute',
    name: 'A 58 mm printer that never answers',
    ...NARROW,
    ...MUTE,
    cutter: 'none'
  }
]

export const printerModel = (id: string): PrinterModel | undefined =>
  PRINTER_MODELS.find(model => model.id === id)

/** 58 mm paper. */
export const isNarrow = ({ dots }: PrinterModel): boolean => dots <= 384
