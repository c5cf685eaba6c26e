/**
 * What `npm start` sells before anybody has written a `stall.toml`, and the example to start one
 * from. A text in code, so that the built tree holds it without copying files.
 */
export const SAMPLE_TOML = `# One stall of a night market. Prices contain their tax.

[stall]
id = "stall-12"
name = "Mei's Bao"
vendor = "Mei Lin Foods"

[market]
name = "Harbour Night Market"
currency = "EUR"
timezone = "Europe/Berlin"
notes = [5, 10, 20, 50]

# A real one: driver = "escpos-tcp", host = "192.168.1.50", model = "epson-tm-t20"
[[device]]
role = "printer"
driver = "sim"
drawer = true

# The others are simulated too: people walk by, the lamp goes on, the battery drains. With the real
# thing on the lines that are named here, take "simulated" out.
[[device]]
role = "footfall"
name = "door"
driver = "two-beam"
outer = "GPIO17"
inner = "GPIO27"
simulated = true

[[device]]
role = "presence"
name = "counter"
driver = "pir"
line = "GPIO22"
simulated = true

[[device]]
role = "light"
name = "lamp"
driver = "relay"
line = "GPIO23"
motion = ["counter"]
power = "battery"
watts = 12
simulated = true

[[device]]
role = "scale"
driver = "scale-mt-sics"
path = "/dev/serial/by-id/scale"
simulated = true

[[device]]
role = "power"
name = "battery"
driver = "supply"
simulated = true

[[device]]
role = "clock"
name = "time"
driver = "system-clock"
simulated = true

[[tax]]
class = "reduced"
name = "VAT 7 %"
rate = 7

[[tax]]
class = "full"
name = "VAT 19 %"
rate = 19

[[item]]
sku = "char-siu-bao"
name = "Char siu bao"
price = "6.50"
tax = "reduced"
category = "Hot"
stock = 24

[[item]]
sku = "takoyaki"
name = "Takoyaki 6"
price = "7.00"
tax = "reduced"
category = "Hot"
stock = 18

[[item]]
sku = "gyoza"
name = "Gyoza 5"
price = "6.00"
tax = "reduced"
category = "Hot"
stock = 3

[[item]]
sku = "ramen-cup"
name = "Ramen cup"
price = "8.50"
tax = "reduced"
category = "Hot"
stock = 40

[[item]]
sku = "yakitori"
name = "Yakitori"
price = "4.50"
tax = "reduced"
category = "Hot"
stock = 12

[[item]]
sku = "okonomiyaki"
name = "Okonomiyaki"
price = "9.00"
tax = "reduced"
category = "Hot"
stock = 0

[[item]]
sku = "iced-yuzu-tea"
name = "Iced yuzu tea"
price = "4.00"
tax = "full"
category = "Cold"
stock = 60
shared = true

[[item]]
sku = "thai-milk-tea"
name = "Thai milk tea"
price = "4.50"
tax = "full"
category = "Cold"
stock = 44

[[item]]
sku = "kombucha"
name = "Kombucha"
price = "4.20"
tax = "full"
category = "Cold"
stock = 31

[[item]]
sku = "still-water"
name = "Still water"
price = "2.00"
tax = "full"
category = "Cold"
stock = 80
barcode = "2000000000015"
shared = true

[[item]]
sku = "sparkling"
name = "Sparkling"
price = "2.20"
tax = "full"
category = "Cold"
stock = 52
barcode = "2000000000022"
shared = true

[[item]]
sku = "cold-brew"
name = "Cold brew"
price = "4.30"
tax = "full"
category = "Cold"
stock = 9

[[item]]
sku = "seaweed-chips"
name = "Seaweed chips"
price = "3.00"
tax = "reduced"
category = "Snacks"
stock = 33
barcode = "2000000000039"

[[item]]
sku = "mochi"
name = "Mochi 3"
price = "4.80"
tax = "reduced"
category = "Snacks"
stock = 5

[[item]]
sku = "taro-fries"
name = "Taro fries"
price = "4.00"
tax = "reduced"
category = "Snacks"
stock = 17

[[item]]
sku = "prawn-crackers"
name = "Prawn crackers"
price = "2.80"
tax = "reduced"
category = "Snacks"
stock = 26

[[item]]
sku = "sesame-balls"
name = "Sesame balls 4"
price = "4.20"
tax = "reduced"
category = "Snacks"
stock = 20

[[item]]
sku = "edamame"
name = "Edamame"
price = "3.50"
tax = "reduced"
category = "Snacks"
stock = 28

[[item]]
sku = "mango-sticky-rice"
name = "Mango sticky rice"
price = "6.00"
tax = "reduced"
category = "Snacks"
stock = 14

[[item]]
sku = "tote-bag"
name = "Tote bag"
price = "12.00"
tax = "full"
category = "Merch"
stock = 15

[[item]]
sku = "enamel-mug"
name = "Enamel mug"
price = "14.00"
tax = "full"
category = "Merch"
stock = 10
shared = true

[[item]]
sku = "chopsticks"
name = "Chopsticks"
price = "5.00"
tax = "full"
category = "Merch"
stock = 40

[[item]]
sku = "chili-oil"
name = "Chili oil 200 ml"
price = "7.50"
tax = "reduced"
category = "Merch"
stock = 22
barcode = "2000000000046"

[[item]]
sku = "sticker-set"
name = "Sticker set"
price = "3.00"
tax = "full"
category = "Merch"
stock = 70
`
