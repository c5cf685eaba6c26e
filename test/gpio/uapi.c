// What linux/gpio.h itself makes of the requests in golden.ts: a name and its bytes in hex a line,
// and the numbers of the questions. Compiled for any kind of machine, it must print the same.
#include <linux/gpio.h>
#include <stdio.h>
#include <string.h>

static void show(const char *name, const void *structure, size_t length) {
  printf("%s ", name);
  for (size_t at = 0; at < length; at++) printf("%02x", ((const unsigned char *)structure)[at]);
  printf("\n");
}

#define SHOW(name, structure) show(name, &(structure), sizeof(structure))
#define NUMBER(name, number) printf("%s %lx\n", name, (unsigned long)(number))

int main(void) {
  struct gpio_v2_line_request beams = {
      .offsets = {17, 27},
      .consumer = "footfall",
      .num_lines = 2,
      .event_buffer_size = 1024,
      .config = {
          .flags = GPIO_V2_LINE_FLAG_INPUT | GPIO_V2_LINE_FLAG_EDGE_RISING |
                   GPIO_V2_LINE_FLAG_EDGE_FALLING | GPIO_V2_LINE_FLAG_ACTIVE_LOW |
                   GPIO_V2_LINE_FLAG_BIAS_PULL_UP,
          .num_attrs = 1,
          .attrs = {{.attr = {.id = GPIO_V2_LINE_ATTR_ID_DEBOUNCE, .debounce_period_us = 5000},
                     .mask = 3}},
      },
  };
  SHOW("beams", beams);

  struct gpio_v2_line_request pir = {
      .offsets = {4},
      .consumer = "a consumer's name of more than ",
      .num_lines = 1,
      .event_buffer_size = 1024,
      .config.flags = GPIO_V2_LINE_FLAG_INPUT | GPIO_V2_LINE_FLAG_EDGE_RISING |
                      GPIO_V2_LINE_FLAG_EDGE_FALLING | GPIO_V2_LINE_FLAG_BIAS_PULL_DOWN,
  };
  SHOW("pir", pir);

  struct gpio_v2_line_request relay = {
      .offsets = {22},
      .consumer = "light",
      .num_lines = 1,
      .config = {
          .flags = GPIO_V2_LINE_FLAG_OUTPUT | GPIO_V2_LINE_FLAG_ACTIVE_LOW,
          .num_attrs = 1,
          .attrs = {{.attr = {.id = GPIO_V2_LINE_ATTR_ID_OUTPUT_VALUES, .values = 1}, .mask = 1}},
      },
  };
  SHOW("relay", relay);
  relay.fd = 33;
  SHOW("answered", relay);

  struct gpiochip_info chip = {.name = "gpiochip0", .label = "pinctrl-rp1", .lines = 54};
  SHOW("chip", chip);

  struct gpio_v2_line_info asked = {.offset = 53};
  SHOW("asked", asked);
  struct gpio_v2_line_info line = {.name = "GPIO17",
                                   .consumer = "door",
                                   .offset = 17,
                                   .flags = GPIO_V2_LINE_FLAG_USED | GPIO_V2_LINE_FLAG_INPUT};
  SHOW("line", line);

  struct gpio_v2_line_values which = {.mask = 0x1f};
  SHOW("which", which);
  struct gpio_v2_line_values values = {.bits = 0x15, .mask = 0x1f};
  SHOW("values", values);
  struct gpio_v2_line_values on = {.bits = 1, .mask = 1};
  SHOW("on", on);

  struct gpio_v2_line_event event = {.timestamp_ns = 0x123456789abcdef,
                                     .id = GPIO_V2_LINE_EVENT_FALLING_EDGE,
                                     .offset = 27,
                                     .seqno = 0x80000001,
                                     .line_seqno = 7};
  SHOW("event", event);

  NUMBER("GPIO_GET_CHIPINFO", GPIO_GET_CHIPINFO_IOCTL);
  NUMBER("GPIO_V2_GET_LINEINFO", GPIO_V2_GET_LINEINFO_IOCTL);
  NUMBER("GPIO_V2_GET_LINE", GPIO_V2_GET_LINE_IOCTL);
  NUMBER("GPIO_V2_LINE_GET_VALUES", GPIO_V2_LINE_GET_VALUES_IOCTL);
  NUMBER("GPIO_V2_LINE_SET_VALUES", GPIO_V2_LINE_SET_VALUES_IOCTL);
  return 0;
}
